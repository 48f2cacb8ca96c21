import { sees } from '../../follower/snapshot.js'
import type { AppProcessSeen, FollowersSeen, NodeSeen } from '../log/followers.js'

/** Whether one process that follows has applied an act. */
export interface Acknowledgement {
  name: string
  kind: 'node' | 'app'
  /** Of an app process. */
  app: { id: string; name: string } | null
  /** `lease-over`: it was silent until its lease had run out, so it refuses everything until it is back. */
  state: 'applied' | 'waiting' | 'lease-over'
  /** From the commit; null while it has not, and where nobody measured. */
  afterMs: number | null
  /** While it is waited for. */
  leaseEndsInMs: number | null
  /** It goes on with what it remembers when nobody answers: for it, a lease that has run out is no end. */
  allowsCached: boolean
}

/** Who has applied one act, as far as it has been seen. */
export interface Tally {
  /**
   * Counts what was seen just now. Once it is complete, nothing changes any more.
   *
   * @param asked when it was asked for: what was written later, it does not tell
   */
  count(seen: FollowersSeen, now: number, asked?: number): void
  /** One process is known to have applied it. */
  note(key: string, now: number): void
  /** Everybody who counts has applied it, or holds nothing valid any more. */
  readonly complete: boolean
  /** Of the last one that has applied it. */
  readonly afterMs: number | null
  /** The longest lease of any that counts. */
  readonly longestLeaseMs: number
  list(now: number): Acknowledgement[]
}

interface Counted extends Omit<Acknowledgement, 'leaseEndsInMs'> {
  leaseOverAt: number
  leaseMs: number
  /** When it was seen last, ms. */
  countedAt: number
}

export interface TallyOptions {
  xid: number
  /** When the act returned, ms. Null where somebody else did it: then nothing is measured. */
  since: number | null
  /**
   * The node that did it counts before anybody was asked, but not alone: who came to it a moment before the act is nowhere to
   * be seen until it has written that it has the act, and who follows it by then.
   */
  own?: { key: string; name: string; leaseMs: number }
}

/**
 * Whoever was seen within its lease since the act counts. Who had been silent for longer before it held nothing valid
 * when it came, and holds nothing that is older than the act when it comes back.
 */
export function createTally({ xid, since, own }: TallyOptions): Tally {
  const counted = new Map<string, Counted>()
  if (own) counted.set(own.key, waitingFor({ ...own, kind: 'node' }))
  /** Of the database that was asked first after the act: in another era its id is given to somebody else's. */
  let era: string | undefined
  let complete = false
  let ownIsWritten = own === undefined

  const hasIt = ({ snapshot }: NodeSeen | AppProcessSeen) =>
    snapshot !== undefined && snapshot.era === era && sees(snapshot, xid)

  /**
   * At most this long. An app process may have asked its node after the node last told of it, and got what the node knew:
   * only once that node has the act does its own silence count.
   */
  const leaseLeft = (one: NodeSeen | AppProcessSeen) =>
    one.kind === 'node' || hasIt(one.node) ? one.leaseLeftMs : Math.max(0, one.leaseMs - one.node.seenAgoMs)

  /** A poll that was under way when the act came may still extend a lease without it: answers count for half a lease. */
  const answeredUntil = ({ leaseMs }: { leaseMs: number }) => (since === null ? 0 : since + leaseMs / 2)

  function apply(one: Counted, now: number) {
    one.state = 'applied'
    one.afterMs = since === null ? null : Math.max(1, Math.round(now - since))
  }

  function isEachSettled(): boolean {
    for (const { state } of counted.values()) if (state === 'waiting') return false
    return true
  }

  function countOne(one: NodeSeen | AppProcessSeen, now: number, asked: number) {
    const left = leaseLeft(one)
    const known = counted.get(one.key)
    const holdsNothing = left === 0 && !(one.kind === 'app' && one.allowsCached)
    if (!known && holdsNothing) return
    const entry = known ?? waitingFor(one)
    if (!known) counted.set(one.key, entry)
    entry.countedAt = now
    if (one.key === own?.key) ownIsWritten ||= hasIt(one)
    if (entry.state === 'applied') return
    entry.leaseOverAt = Math.max(asked + left, answeredUntil(one))
    if (hasIt(one)) apply(entry, now)
    else entry.state = asked >= entry.leaseOverAt ? 'lease-over' : 'waiting'
  }

  return {
    count(seen, now, asked = now) {
      if (complete) return
      era ??= seen.era
      for (const node of seen.nodes) countOne(node, now, asked)
      for (const app of seen.apps) countOne(app, now, asked)
      for (const [key, one] of counted) {
        if (one.countedAt === now || one.state === 'applied') continue
        // A node says when it has stopped, and trusts no memory from then on.
        if (one.kind === 'node') counted.delete(key)
        else if (asked >= one.leaseOverAt) one.state = 'lease-over'
      }
      complete = counted.size > 0 && ownIsWritten && isEachSettled()
    },
    note(key, now) {
      const one = counted.get(key)
      if (one && one.state !== 'applied' && !complete) apply(one, now)
    },
    get complete() {
      return complete
    },
    get afterMs() {
      const times = [...counted.values()].flatMap(({ afterMs }) => (afterMs === null ? [] : [afterMs]))
      return times.length > 0 ? Math.max(...times) : null
    },
    get longestLeaseMs() {
      return Math.max(0, ...[...counted.values()].map(({ leaseMs }) => leaseMs))
    },
    list: (now) =>
      [...counted.values()].map(({ leaseOverAt, leaseMs: _lease, countedAt: _at, ...one }) => ({
        ...one,
        leaseEndsInMs:
          one.state === 'waiting' && Number.isFinite(leaseOverAt) ? Math.max(0, Math.round(leaseOverAt - now)) : null,
      })),
  }
}

const waitingFor = (
  one:
    | Pick<NodeSeen, 'kind' | 'name' | 'leaseMs'>
    | Pick<AppProcessSeen, 'kind' | 'name' | 'leaseMs' | 'app' | 'allowsCached'>,
): Counted => ({
  name: one.name,
  kind: one.kind,
  app: one.kind === 'app' ? one.app : null,
  state: 'waiting',
  afterMs: null,
  allowsCached: one.kind === 'app' && one.allowsCached,
  leaseOverAt: Number.POSITIVE_INFINITY,
  countedAt: Number.NEGATIVE_INFINITY,
  leaseMs: one.leaseMs,
})
