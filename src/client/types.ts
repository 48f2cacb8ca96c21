import type { DenialReason, FollowerStats, Verdict } from '../follower/types.js'

/** What is known of the request that brought the token. */
export interface VerifyRequest {
  /**
   * The client's address, for blocked networks and "last seen": the connection's, or what a proxy that you trust says.
   * Without it, blocks of networks are judged by the address that the session was last seen at.
   */
  ip?: string | null | undefined
  userAgent?: string | undefined
  /** Ask the database, whatever is remembered: for a payment page. */
  fresh?: boolean | undefined
  /** A timer or poll of an open page: no activity of the person, so it keeps no session from becoming idle. */
  background?: boolean | undefined
}

export interface Verifier {
  /**
   * Decides whether a session token is good now. From memory where that is certain, else Rollcall is asked. Never
   * throws: what can't be decided is `{ status: 'denied', reason: 'unavailable' }`.
   *
   * Passing a request that is not in the background counts as a use by the person: idle begins anew, and "last seen" in
   * the panel follows within 5 s.
   *
   * @param token as the client sent it; anything but a session token, or none at all, is `unknown`
   */
  verify(token: string | null | undefined, request?: VerifyRequest): Promise<Verdict>
  /** The same from memory alone, without I/O or await; `'ask'` where memory can't tell and `verify` must be asked. */
  verifyCached(token: string | null | undefined, request?: VerifyRequest): Verdict | 'ask'
  /**
   * Watches the session of an open connection (a socket, a stream, a long download), and calls back once when it is
   * over: within milliseconds of an act, within seconds of its own end (it expired, or went idle), or within a minute of
   * that where this process can't know when it is: used elsewhere, or under a policy that has changed since its last check.
   *
   * @param sessionId `verdict.session.id`
   * @param from the connection's address, for blocks of networks
   * @returns what ends the watch: to be called when the connection closes by itself
   */
  onEnded(
    sessionId: string,
    callback: (reason: DenialReason) => void,
    from?: { ip?: string | null | undefined },
  ): () => void
  /** Notes a use that came without a token, such as a message over an open socket. Never brings a session back. */
  touch(sessionId: string, use?: { ip?: string | null | undefined; requests?: number | undefined }): void
  /** Ends following, and tells the last uses: for 2 s where Rollcall does not answer, and then they are lost. Never rejects. */
  stop(): Promise<void>
  stats(): VerifierStats
  /** Resolves when memory may be trusted for the first time. `verify` works before that: each check asks Rollcall. */
  readonly started: Promise<void>
}

export interface VerifierStats extends FollowerStats {
  /** Rollcall tells of what ends as it happens; while false, the poll does. */
  streaming: boolean
  /** Rollcall does not take the key: everything is denied. */
  keyIsRefused: boolean
  /** Sessions whose use has not been told yet. */
  usesWaiting: number
  /** Open connections that are watched. */
  watching: number
}
