import type { Memory } from './memory.js'
import type { Clock, DenialReason, Entry, Transport, Watched } from './types.js'

const AT_ONCE = 500
const RETRY_MS = 250
const LOOK_EVERY_MS = 1_000
/** A session that is past its deadlines in memory, or not there, may have been used elsewhere: it is asked about so often. */
const ASK_AGAIN_MS = 60_000
/** Uses travel in batches: one that puts off the idle end may still be on its way. */
const IDLE_GRACE_MS = 10_000

export interface WatchersOptions {
  transport: Pick<Transport, 'over'>
  memory: Pick<Memory, 'find' | 'forget'> & { networks: Pick<Memory['networks'], 'refuses'> }
  /** As the follower has them. */
  leaseLeft: () => number
  now: () => number
  clock: Clock
  /** Open connections end, as `unavailable`, when nobody could tell for so long whether they may go on. */
  endAfterUnavailableMs: number
}

export type WhenEnded = (reason: DenialReason) => void

/** Open connections (sockets, streams) that end with their session. */
export interface Watchers {
  /** @returns what ends the watch; it ends by itself once the callback was called */
  watch(watched: Watched, whenEnded: WhenEnded): () => void
  /** To be called with whatever the follower applied. */
  applied(entries: readonly Entry[], anew: boolean): void
  stop(): void
  readonly count: number
}

interface Watch extends Watched {
  whenEnded: WhenEnded
}

/** The open connections of one session. */
interface Session {
  watches: Set<Watch>
  /** undefined where memory did not know it. */
  accountId: string | undefined
  /** Monotonic time before which its own deadlines can't end it; 0 where nobody has looked since the log concerned it. */
  notBefore: number
}

/** What the log names may concern a session without ending it (a lifted block, a policy): the truth is asked before a connection is cut. */
export function createWatchers({
  transport,
  memory,
  leaseLeft,
  now,
  clock,
  endAfterUnavailableMs,
}: WatchersOptions): Watchers {
  const sessions = new Map<string, Session>()
  const byAccount = new Map<string | undefined, Set<string>>()
  /** With the addresses that are left, where some were asked about. */
  const toAsk = new Map<string, readonly (string | null)[] | undefined>()
  let asking = false
  let stopped = false
  let unavailableSince: number | undefined = clock.monotonicMs()

  function watch({ id, ip }: Watched, whenEnded: WhenEnded): () => void {
    const one = { id, ip, whenEnded }
    const known = memory.find(id)
    const session = sessions.get(id) ?? add(id, known?.accountId)
    session.watches.add(one)
    // It may have ended between the check and this call, or its network have been refused.
    if (!known?.counts || leaseLeft() === 0 || memory.networks.refuses(ip, now()) !== false) ask([id])
    return () => drop(one)
  }

  function add(id: string, accountId: string | undefined): Session {
    const session = { watches: new Set<Watch>(), accountId, notBefore: 0 }
    sessions.set(id, session)
    const ofAccount = byAccount.get(accountId)
    if (ofAccount) ofAccount.add(id)
    else byAccount.set(accountId, new Set([id]))
    return session
  }

  function drop(one: Watch) {
    const session = sessions.get(one.id)
    if (!session?.watches.delete(one) || session.watches.size > 0) return
    sessions.delete(one.id)
    const ofAccount = byAccount.get(session.accountId)
    ofAccount?.delete(one.id)
    if (ofAccount?.size === 0) byAccount.delete(session.accountId)
  }

  function applied(entries: readonly Entry[], anew: boolean) {
    if (sessions.size === 0) return
    if (anew) return ask(sessions.keys())
    for (const { kind, target } of entries) {
      if (kind === 'session') ask(sessions.has(target) ? [target] : [])
      else if (kind === 'account') ask(concernedBy(target))
      else if (kind !== 'key' && kind !== 'stored') return ask(sessions.keys())
    }
  }

  /** Those whose account memory did not know may be anybody's. */
  const concernedBy = (accountId: string) => [...(byAccount.get(accountId) ?? []), ...(byAccount.get(undefined) ?? [])]

  function ask(ids: Iterable<string>) {
    for (const id of ids) {
      toAsk.set(id, undefined)
      const session = sessions.get(id)
      if (session) session.notBefore = 0
    }
    if (!asking && toAsk.size > 0 && !stopped) void askAll()
  }

  async function askAll() {
    asking = true
    // What one pass of entries concerns is asked in one go.
    await Promise.resolve()
    while (toAsk.size > 0 && !stopped) {
      const round = nextRound()
      if (round.size === 0) continue
      try {
        const asked = [...round].map(([id, ip]) => ({ id, ip }))
        for (const { id, reason } of await transport.over(asked)) end(id, reason, round.get(id) ?? null)
      } catch {
        for (const id of round.keys()) if (sessions.has(id)) toAsk.set(id, undefined)
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
      }
    }
    asking = false
  }

  /** Of each session one address: an answer names the session alone. Its next one waits behind everybody else. */
  function nextRound(): Map<string, string | null> {
    const round = new Map<string, string | null>()
    for (const [id, left] of [...toAsk].slice(0, AT_ONCE)) {
      toAsk.delete(id)
      const watches = sessions.get(id)?.watches
      if (!watches) continue
      const [ip = null, ...rest] = left ?? new Set([...watches].map((one) => one.ip))
      round.set(id, ip)
      if (rest.length > 0) toAsk.set(id, rest)
    }
    return round
  }

  /** A network that is refused ends what comes from it, and leaves the session's other connections alone. */
  function end(id: string, reason: DenialReason, asked: string | null) {
    memory.forget(id)
    for (const one of [...(sessions.get(id)?.watches ?? [])]) {
      if (reason === 'network-blocked' && one.ip !== asked) continue
      drop(one)
      one.whenEnded(reason)
    }
  }

  function look() {
    const at = clock.monotonicMs()
    if (leaseLeft() === 0) {
      unavailableSince ??= at
      if (at - unavailableSince >= endAfterUnavailableMs)
        for (const id of [...sessions.keys()]) end(id, 'unavailable', null)
    } else {
      // Who was cut off asks once it is back: what ended meanwhile may have been told to nobody.
      if (unavailableSince !== undefined) ask(sessions.keys())
      unavailableSince = undefined
      for (const [id, session] of sessions) if (session.notBefore <= at) askInItsTime(id, session, at)
    }
    if (!stopped) cancelLook = clock.after(LOOK_EVERY_MS, look)
  }

  /** No entry of the log says that a session's time has come. */
  function askInItsTime(id: string, session: Session, at: number) {
    const known = memory.find(id)
    // Deadlines that travelled are a little early: who asks before the database's is asked again a minute later only.
    const left = known?.counts ? Math.min(known.expiry + LOOK_EVERY_MS, known.idle + IDLE_GRACE_MS) - now() : 0
    if (left <= 0) ask([id])
    session.notBefore = at + (left > 0 ? left : ASK_AGAIN_MS)
  }

  let cancelLook = clock.after(LOOK_EVERY_MS, look)

  return {
    watch,
    applied,
    stop() {
      stopped = true
      cancelLook()
    },
    get count() {
      return [...sessions.values()].reduce((sum, { watches }) => sum + watches.size, 0)
    },
  }
}
