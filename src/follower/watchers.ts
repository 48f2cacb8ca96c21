import type { Memory } from './memory.js'
import type { Clock, DenialReason, Entry, Transport, Watched } from './types.js'

const AT_ONCE = 500
const RETRY_MS = 250
const LEASE_CHECK_MS = 1_000

export interface WatchersOptions {
  transport: Pick<Transport, 'over'>
  memory: Pick<Memory, 'find' | 'forget'> & { networks: Pick<Memory['networks'], 'refuses'> }
  /** As the follower has them. */
  leaseLeft: () => number
  now: () => number
  clock: Clock
  /** Open connections end, as `unavailable`, when nobody could tell for so long whether they may go on; null: never. */
  endAfterUnavailableMs: number | null
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

/** What the log names may concern a session without ending it (a lifted block, a policy): the truth is asked before a connection is cut. */
export function createWatchers({
  transport,
  memory,
  leaseLeft,
  now,
  clock,
  endAfterUnavailableMs,
}: WatchersOptions): Watchers {
  const watches = new Map<string, Set<Watch>>()
  const byAccount = new Map<string, Set<string>>()
  const accountOf = new Map<string, string>()
  const toAsk = new Set<string>()
  let asking = false
  let stopped = false
  let unavailableSince: number | undefined
  let wasValid = false

  function watch({ id, ip }: Watched, whenEnded: WhenEnded): () => void {
    const one = { id, ip, whenEnded }
    const known = memory.find(id)
    const others = watches.get(id)
    if (others) others.add(one)
    else watches.set(id, new Set([one]))
    if (known) index(id, known.accountId)
    // It may have ended between the check and this call, or its network have been refused.
    if (!known?.counts || leaseLeft() === 0 || memory.networks.refuses(ip, now()) !== false) ask([id])
    return () => drop(one)
  }

  function index(id: string, accountId: string) {
    accountOf.set(id, accountId)
    const others = byAccount.get(accountId)
    if (others) others.add(id)
    else byAccount.set(accountId, new Set([id]))
  }

  function drop(one: Watch) {
    const others = watches.get(one.id)
    others?.delete(one)
    if (others && others.size > 0) return
    watches.delete(one.id)
    const accountId = accountOf.get(one.id)
    accountOf.delete(one.id)
    if (accountId === undefined) return
    const ofAccount = byAccount.get(accountId)
    ofAccount?.delete(one.id)
    if (ofAccount?.size === 0) byAccount.delete(accountId)
  }

  function applied(entries: readonly Entry[], anew: boolean) {
    if (watches.size === 0) return
    if (anew) return ask(watches.keys())
    for (const { kind, target } of entries) {
      if (kind === 'session') ask(watches.has(target) ? [target] : [])
      else if (kind === 'account') ask(concernedBy(target))
      else if (kind !== 'key' && kind !== 'stored') return ask(watches.keys())
    }
  }

  /** Those whose account memory did not know may be anybody's. */
  function concernedBy(accountId: string): string[] {
    const unknown = watches.size > accountOf.size ? [...watches.keys()].filter((id) => !accountOf.has(id)) : []
    return [...(byAccount.get(accountId) ?? []), ...unknown]
  }

  function ask(ids: Iterable<string>) {
    for (const id of ids) toAsk.add(id)
    if (!asking && toAsk.size > 0 && !stopped) void askAll()
  }

  async function askAll() {
    asking = true
    // What one pass of entries concerns is asked in one go.
    await Promise.resolve()
    while (toAsk.size > 0 && !stopped) {
      const ids = [...toAsk].slice(0, AT_ONCE)
      for (const id of ids) toAsk.delete(id)
      try {
        for (const round of roundsOf(ids)) {
          const asked = [...round].map(([id, ip]) => ({ id, ip }))
          for (const { id, reason } of await transport.over(asked)) end(id, reason, round.get(id) ?? null)
        }
      } catch {
        for (const id of ids) if (watches.has(id)) toAsk.add(id)
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
      }
    }
    asking = false
  }

  /** In each at most one address of a session: an answer names the session alone. */
  function roundsOf(ids: readonly string[]): Map<string, string | null>[] {
    const rounds: Map<string, string | null>[] = []
    for (const id of ids) {
      const addresses = new Set([...(watches.get(id) ?? [])].map(({ ip }) => ip))
      for (const [nth, ip] of [...addresses].entries()) {
        rounds[nth] ??= new Map()
        rounds[nth].set(id, ip)
      }
    }
    return rounds
  }

  /** A network that is refused ends what comes from it, and leaves the session's other connections alone. */
  function end(id: string, reason: DenialReason, asked: string | null) {
    memory.forget(id)
    for (const one of [...(watches.get(id) ?? [])]) {
      if (reason === 'network-blocked' && one.ip !== asked) continue
      drop(one)
      one.whenEnded(reason)
    }
  }

  function checkLease() {
    const valid = leaseLeft() > 0
    // Who was cut off asks once it is back: what ended meanwhile may have been told to nobody.
    if (valid && !wasValid) ask(watches.keys())
    wasValid = valid
    if (valid) unavailableSince = undefined
    else unavailableSince ??= clock.monotonicMs()
    if (
      endAfterUnavailableMs !== null &&
      unavailableSince !== undefined &&
      clock.monotonicMs() - unavailableSince >= endAfterUnavailableMs
    )
      for (const id of [...watches.keys()]) end(id, 'unavailable', null)
    if (!stopped) cancelCheck = clock.after(LEASE_CHECK_MS, checkLease)
  }
  let cancelCheck = clock.after(LEASE_CHECK_MS, checkLease)

  return {
    watch,
    applied,
    stop() {
      stopped = true
      cancelCheck()
    },
    get count() {
      return [...watches.values()].reduce((sum, of) => sum + of.size, 0)
    },
  }
}
