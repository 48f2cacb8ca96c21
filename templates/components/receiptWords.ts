import type { LateFollower, Receipt } from '../../src/sessions/receipts/summary.js'
import { countText, numberText } from '../words.js'

/* How a receipt is said. Wherever a measured time stands, the guaranteed one stands beside it. */

/** What the act did: ended trust, or changed what holds. */
export type ReceiptWord = 'refused' | 'in-force'

const WORDS = { refused: 'Refused', 'in-force': 'In force' }

/** So long a process may take before it is called late, ms. */
const LATE_AFTER_MS = 250

/** Between a number and its unit no line ends. */
const NBSP = '\u00a0'

/** "38 ms", "1.2 s" */
export const measuredText = (ms: number): string =>
  ms < 1_000 ? `${numberText(Math.round(ms))}${NBSP}ms` : `${(ms / 1_000).toFixed(1)}${NBSP}s`

/** "2 s", "0.5 s" */
export const boundText = (ms: number): string => `${Number((ms / 1_000).toFixed(1))}${NBSP}s`

/**
 * "Refused on 4 of 4 nodes and 12 of 12 app processes after 38 ms", "Refused on this node after 2 ms",
 * "Refused on 1 of 4 nodes…" while it is not complete.
 */
export function receiptText(receipt: Receipt, word: ReceiptWord): string {
  const { nodes, apps, afterMs, complete } = receipt
  const alone = nodes.of === 1 && apps.of === 0
  const where =
    alone && (complete || nodes.have === 1)
      ? 'this node'
      : [
          `${numberText(nodes.have)} of ${countText(nodes.of, 'node')}`,
          apps.of > 0 && `${numberText(apps.have)} of ${countText(apps.of, 'app process', 'app processes')}`,
        ]
          .filter(Boolean)
          .join(' and ')
  if (!complete) return `${WORDS[word]} on ${where}…`
  return `${WORDS[word]} on ${where}${afterMs === null ? '' : ` after ${measuredText(afterMs)}`}`
}

/** The same for a narrow place: "refused on 4 of 4 nodes, 38 ms", "3 of 4 nodes, auth-3 failing closed" */
export function shortReceiptText(receipt: Receipt): string {
  const { nodes, afterMs, complete } = receipt
  const where = `${numberText(nodes.have)} of ${countText(nodes.of, 'node')}`
  if (isGreen(receipt)) return `refused on ${where}${afterMs === null ? '' : `, ${measuredText(afterMs)}`}`
  if (!complete) return `refused on ${where}…`
  return `${where}, ${missingText(receipt.late)}`
}

function missingText(late: LateFollower[]): string {
  const [one] = late
  if (late.length > 1 || !one) return `${numberText(late.length)} silent`
  return `${one.name} ${one.allowsCached ? 'may still accept' : 'failing closed'}`
}

/** "Measured 38 ms, guaranteed within 2 s" */
export function boundLine({ complete, afterMs, boundMs, late }: Receipt): string {
  const except = late.some(({ allowsCached }) => allowsCached) ? ', but not with allow-cached' : ''
  const guaranteed = `uaranteed within ${boundText(boundMs)}${except}`
  return complete && afterMs !== null ? `Measured ${measuredText(afterMs)}, g${guaranteed}` : `G${guaranteed}`
}

/** Where no receipt was collected: what holds all the same. */
export const noReceiptText = (boundMs: number, word: ReceiptWord): string =>
  `${WORDS[word]} everywhere within ${boundText(boundMs)} at the latest; receipts were not collected.`

/** Who is late; nobody is while there has hardly been time. */
export const lateOf = ({ late, complete, waitedMs }: Receipt): LateFollower[] =>
  complete || waitedMs === null || waitedMs >= LATE_AFTER_MS ? late : []

/** What follows the name: "has not confirmed; its lease runs out in 1.2 s" */
export function lateText({ state, leaseEndsInMs, allowsCached }: LateFollower): string {
  if (allowsCached && state === 'lease-over') {
    return 'did not confirm. Its app lets it go on with what it remembers while nobody answers (allow-cached): it may still accept.'
  }
  if (state === 'lease-over') return 'did not confirm; its lease has run out: it refuses everything until it is back.'
  if (leaseEndsInMs === null) return 'has not confirmed yet.'
  return `has not confirmed; its lease runs out in ${(leaseEndsInMs / 1_000).toFixed(1)}${NBSP}s.`
}

/** Done, and nobody is missing: the only thing that is green. */
export const isGreen = ({ complete, late }: Receipt): boolean => complete && late.length === 0
