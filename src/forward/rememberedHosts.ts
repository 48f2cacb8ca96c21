import { wildcardOf } from '../accounts/apps/hostNames.js'
import { listHosts, type ProtectedHost } from '../accounts/apps/protectedHosts.js'
import { askInTime } from '../db/askInTime.js'
import type { OpenDatabase } from '../db/connect.js'
import { systemClock } from '../follower/clock.js'
import type { Follower } from '../follower/follower.js'
import type { Clock } from '../follower/types.js'
import { unavailable } from '../http/errors.js'
import type { Node } from '../sessions/log/node.js'

const SILENT_MS = 1_500

/** A host that somebody asks about. */
export interface MatchedHost extends ProtectedHost {
  /** `*.example.com` where it is protected as one of those, and not by its own name. */
  pattern: string | undefined
}

/** Which hosts are protected, and how, under the lease of the node: a check costs no query for its host. */
export interface RememberedHosts {
  /** @throws PublicError 503 when the database did not tell in time */
  find(host: string): Promise<MatchedHost | undefined>
  /** From memory alone; undefined also where memory can't tell. */
  findCached(host: string): MatchedHost | undefined
}

export interface RememberedHostsOptions {
  open: Pick<OpenDatabase, 'checks' | 'renew'>
  node: Pick<Node, 'leaseMs' | 'subscribe'> & { engine: { follower: Pick<Follower, 'leaseLeft'> } }
  clock?: Clock
  /** Rollcall's own host: no wildcard covers it. */
  own?: string | undefined
}

export function createRememberedHosts({
  open,
  node,
  own,
  clock = systemClock,
}: RememberedHostsOptions): RememberedHosts {
  const { follower } = node.engine
  let kept: ReadonlyMap<string, ProtectedHost> | undefined
  let underWay: Promise<ReadonlyMap<string, ProtectedHost>> | undefined
  let forgotten = 0

  node.subscribe(({ answer: { anew, entries } }) => {
    if (!anew && !entries.some(({ kind }) => kind === 'app')) return
    kept = undefined
    underWay = undefined
    forgotten += 1
  })

  const remembered = () => (follower.leaseLeft() > 0 ? kept : undefined)

  async function find(host: string): Promise<MatchedHost | undefined> {
    return matching(remembered() ?? (await loadOnce()), host)
  }

  /** By its own name first; it is then spoken of by that name, however it is protected. */
  function matching(hosts: ReadonlyMap<string, ProtectedHost> | undefined, host: string): MatchedHost | undefined {
    if (!hosts || host.includes('*')) return undefined
    const named = hosts.get(host)
    if (named) return { ...named, pattern: undefined }
    const pattern = host === own ? undefined : wildcardOf(host)
    const found = pattern && hosts.get(pattern)
    return found ? { ...found, host, pattern } : undefined
  }

  function loadOnce(): Promise<ReadonlyMap<string, ProtectedHost>> {
    if (underWay) return underWay
    const load = look().finally(() => {
      if (underWay === load) underWay = undefined
    })
    underWay = load
    return load
  }

  async function look(): Promise<ReadonlyMap<string, ProtectedHost>> {
    const began = { at: clock.monotonicMs(), forgotten }
    const hosts = new Map((await ask()).map((host) => [host.host, host]))
    // An answer that took longer than the lease says nothing about now.
    if (clock.monotonicMs() - began.at >= node.leaseMs) throw unavailable()
    // What was changed meanwhile is not kept: nobody would say so again (S-14).
    if (began.forgotten === forgotten) kept = hosts
    return hosts
  }

  const ask = () => askInTime(open, 'checks', clock, SILENT_MS, listHosts)

  return { find, findCached: (host) => matching(remembered(), host) }
}
