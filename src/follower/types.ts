/**
 * The words of what keeps one process's memory true, once for nodes (over SQL) and app processes (over HTTP).
 * This folder uses nothing but the language and web standards: the client that apps import is made of it.
 */

/**
 * What makes cached verdicts stale. `target` is an id, a network, or what was changed. `stored` concerns no verdict: what
 * an app has stored is not to be answered from one process's memory any more.
 */
export interface Entry {
  kind: 'session' | 'account' | 'app' | 'everything' | 'network' | 'policy' | 'key' | 'stored'
  target: string
  /** Of the transaction that wrote it. */
  xid: number
}

/** Which transactions one look at the database saw: all below `xmin`, none from `xmax` on, between them all but `xip`. */
export interface Snapshot {
  /** Identity and timeline of the database: snapshots of two eras can't be compared. */
  era: string
  xmin: number
  xmax: number
  xip: readonly number[]
}

/** A refused network. Times are follower time: see `Follower.now`. */
export interface RefusedNetwork {
  /** Canonical, such as 203.0.113.0/24 */
  network: string
  /** When it lifts itself; null: never */
  endsAt: number | null
  /** Somebody in it may be spared: only the database can tell. */
  ask: boolean
}

/** What one reading of the revocation log gave. */
export interface Answer {
  /** As of when: `entries` are all that it sees and the snapshot asked with did not. */
  snapshot: Snapshot
  entries: readonly Entry[]
  /** How old the knowledge was when it was passed on: time since the last counted poll was sent. 0 from the database itself. */
  ageMs: number
  /** The past is uncertain: nothing that is remembered may be kept. */
  anew: boolean
  /** Database time, ms, where the database itself answered. */
  nowMs?: number
  /** All in force; there when they may have changed. */
  networks?: readonly RefusedNetwork[]
}

export type DenialReason = 'unknown' | 'ended' | 'expired' | 'idle' | 'blocked' | 'network-blocked' | 'unavailable'

/** What is known of a session. Deadlines are follower time, the rest is for the verdict. */
export interface Facts {
  id: string
  /** SHA-256, 8 words */
  secretHash: Int32Array
  appId: string
  method: string
  /** ms since 1970, database time */
  createdAt: number
  expiresAt: number
  idleTimeoutMs: number
  account: { id: string; name: string; email: string | null; role: string }
  /** Over now, for this reason; undefined while it is live. */
  over: Exclude<DenialReason, 'unknown' | 'unavailable' | 'network-blocked'> | undefined
  /** It is idle, and its row does not say so yet: a use that is on its way may show that it was not. */
  unsure?: boolean
  /** Follower time. Past these, memory does not decide: it asks. */
  expiryDeadline: number
  idleDeadline: number
}

/** What a miss was answered with. */
export type Loaded =
  /** `idIsFree`: no session has that id, whatever the secret. */
  | { status: 'unknown'; idIsFree: boolean }
  /** Nothing but the reason is known. */
  | { status: 'denied'; reason: Exclude<DenialReason, 'unknown'>; ageMs: number }
  | {
      status: 'known'
      facts: Facts
      /** The address that the request came from, or the last one where none was given. */
      networkBlocked: boolean
      /** See `Answer`. */
      ageMs: number
    }

export interface CheckRequest {
  /** To any other app a token is `unknown` (S-38). Left out, any app's token counts. */
  appId?: string | undefined
  /** Where the request comes from; the session's last address where it is not known. */
  ip?: string | null | undefined
  userAgent?: string | undefined
  /** Ask the database, whatever is remembered. */
  fresh?: boolean | undefined
  /** The session is being used by its person: idle begins anew. */
  use?: boolean | undefined
}

export type Verdict = ActiveVerdict | { readonly status: 'denied'; readonly reason: DenialReason }

export interface ActiveVerdict {
  readonly status: 'active'
  readonly session: {
    readonly id: string
    readonly appId: string
    readonly method: string
    readonly createdAt: Date
    /** The absolute end, by the policy in force now. */
    readonly expiresAt: Date
    /** Ends by itself when it is not used for this long. */
    readonly idleTimeoutMs: number
  }
  /** As it is now, not as it was at the sign-in (S-31). */
  readonly account: {
    readonly id: string
    readonly name: string
    readonly email: string | null
    readonly role: string
  }
}

/** An open connection whose session is watched. */
export interface Watched {
  id: string
  ip: string | null
}

/** The way to the truth: SQL on a node, HTTP in an app process. Rejects when there is no answer. */
export interface Transport {
  /** The poll that counts: what it answers extends the lease. Over SQL it commits the node's heartbeat. */
  poll(after: Snapshot | undefined): Promise<Answer>
  /** For nudges: reads only, and extends nothing. */
  read(after: Snapshot | undefined): Promise<Answer>
  /** A miss. `position`: what this process has applied; who is not at or past it asks the database. */
  load(token: string, request: CheckRequest, position: Snapshot | undefined): Promise<Loaded>
  /** Which of these sessions are over now, and why. */
  over(watched: readonly Watched[]): Promise<{ id: string; reason: DenialReason }[]>
}

export interface Clock {
  monotonicMs(): number
  wallMs(): number
  /** @returns what stops it */
  after(ms: number, act: () => void): () => void
}

export interface FollowerStats {
  hits: number
  misses: number
  denials: Record<DenialReason, number>
  /** Entries in memory. */
  sessions: number
  accounts: number
  evicted: number
  /** Wrong secrets of known ids. */
  wrongSecrets: number
  /** Of the last poll that was answered. */
  pollMs: number
  polls: number
  pollFailures: number
  applied: number
  startedAnew: number
  /** 0 when it has run out. */
  leaseLeftMs: number
  /** Since the last counted poll was sent, with the age of what it answered. */
  ageMs: number
  /** How long the oldest transaction has held the horizon back. */
  horizonAgeMs: number
}
