import type { Position } from '../log/positions.js'
import type { Acknowledgement, Tally } from './tally.js'

/** Who has not applied an act, and what that means. */
export interface LateFollower {
  name: string
  kind: 'node' | 'app'
  /** The app's name. */
  app: string | null
  state: 'waiting' | 'lease-over'
  leaseEndsInMs: number | null
  allowsCached: boolean
}

/** On how many processes an act holds. */
export interface Receipt {
  position: Position
  /** Every process has it, or its lease has run out: it holds nothing valid any more, unless it `allowsCached`. Nothing is green before. */
  complete: boolean
  /** Measured: from the act's return until the last of those that have it had it; null where nobody measured. */
  afterMs: number | null
  /** Guaranteed, whatever fails. */
  boundMs: number
  nodes: { have: number; of: number }
  apps: { have: number; of: number }
  late: LateFollower[]
  /** Since the act; null for one that is over, or that somebody else watches. */
  waitedMs: number | null
}

/** What a tally comes to, as pages say it. */
export function summarise(
  position: Position,
  tally: Tally,
  now: number,
  { boundMs, waitedMs }: Pick<Receipt, 'boundMs' | 'waitedMs'>,
): Receipt {
  const all = tally.list(now)
  const of = (kind: Acknowledgement['kind']) => {
    const theirs = all.filter((one) => one.kind === kind)
    return { have: theirs.filter(({ state }) => state === 'applied').length, of: theirs.length }
  }
  return {
    position,
    complete: tally.complete,
    afterMs: tally.afterMs,
    boundMs: Math.max(boundMs, tally.longestLeaseMs),
    nodes: of('node'),
    apps: of('app'),
    late: all.flatMap(toLate),
    waitedMs,
  }
}

function toLate({ name, kind, app, state, leaseEndsInMs, allowsCached }: Acknowledgement): LateFollower[] {
  return state === 'applied' ? [] : [{ name, kind, app: app?.name ?? null, state, leaseEndsInMs, allowsCached }]
}
