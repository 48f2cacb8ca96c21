import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { positionOut, tellsAgain } from '../../../src/api/positionOut.js'
import { formatSnapshot, isAtOrPast, sees } from '../../../src/follower/snapshot.js'
import type { Snapshot } from '../../../src/follower/types.js'

const FIRST = 8_000_000_000

/** What is seen of 3,000 transactions of which those are under way. */
function during(underWay: ReadonlySet<number>, begun = 3_000): Snapshot {
  const xip = [...underWay].filter((xid) => xid < FIRST + begun).sort((a, b) => a - b)
  return { era: 'a.1', xmin: xip[0] ?? FIRST + begun, xmax: FIRST + begun, xip }
}

/** Nearly all of them, so that there is no room. */
const crowds = fc
  .tuple(fc.uniqueArray(fc.nat(2_999), { maxLength: 1_500 }), fc.uniqueArray(fc.nat(2_999), { maxLength: 1_500 }))
  .map(([ended, endedLater]) => {
    const all = new Set(Array.from({ length: 3_000 }, (_, i) => FIRST + i))
    for (const xid of ended) all.delete(FIRST + xid)
    const later = new Set(all)
    for (const xid of endedLater) later.delete(FIRST + xid)
    return { before: during(all, 2_500), after: during(later) }
  })

describe('a position that is given to an app process', () => {
  it('names all that is under way, where there is room', () => {
    const few = during(new Set([FIRST + 3, FIRST + 7]))
    expect(positionOut(few)).toBe(few)
    expect(tellsAgain(few)).toBe(false)
  })

  it('fits in an address, and sees nothing that the node has not read', () => {
    fc.assert(
      fc.property(crowds, ({ before }) => {
        const out = positionOut(before)
        expect(encodeURIComponent(formatSnapshot(out)).length).toBeLessThan(7_200)
        expect(isAtOrPast(before, out)).toBe(true)
        expect(before.xip.some((xid) => sees(out, xid))).toBe(false)
        expect(tellsAgain(before)).toBe(before.xip.length > out.xip.length)
      }),
      { numRuns: 50 },
    )
  })

  it('never goes back while the node goes on', () => {
    fc.assert(
      fc.property(crowds, ({ before, after }) => {
        expect(isAtOrPast(after, before)).toBe(true)
        expect(isAtOrPast(positionOut(after), positionOut(before))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
