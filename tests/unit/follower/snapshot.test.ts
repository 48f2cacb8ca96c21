import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSnapshot, isAtOrPast, parseSnapshot, sees } from '../../../src/follower/snapshot.js'
import type { Snapshot } from '../../../src/follower/types.js'

/** Any two, of one history or not: the comparison has to be right for all. */
const snapshots: fc.Arbitrary<Snapshot> = fc
  .tuple(fc.constantFrom('a.1', 'a.2'), fc.nat(12), fc.nat(8), fc.array(fc.nat(20)))
  .map(([era, xmin, more, under]) => {
    const xmax = xmin + more
    const xip = [...new Set(under)].filter((xid) => xid >= xmin && xid < xmax).sort((a, b) => a - b)
    return { era, xmin, xmax, xip }
  })
const all = Array.from({ length: 40 }, (_, xid) => xid)

describe('a snapshot', () => {
  it('sees what PostgreSQL says it sees', () => {
    const snapshot = { era: 'a', xmin: 10, xmax: 20, xip: [10, 14] }
    expect(all.filter((xid) => sees(snapshot, xid))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 18, 19,
    ])
  })

  it('is at or past another when it sees every transaction that the other sees', () => {
    fc.assert(
      fc.property(snapshots, snapshots, (a, b) => {
        const seesAll = all.every((xid) => !sees(b, xid) || sees(a, xid))
        expect(isAtOrPast(a, b)).toBe(a.era === b.era && seesAll)
      }),
      { numRuns: 5_000 },
    )
  })

  it('is written in one way, and nothing else is read', () => {
    fc.assert(
      fc.property(snapshots, (one) => {
        expect(parseSnapshot(formatSnapshot(one))).toEqual(one)
      }),
    )
    for (const text of ['', '1:1:', 'a;1:1', 'a;1:1:,', 'a;-1:1:', 'a;1:1:2,', 'a b;1:1:', `${'a'.repeat(65)};1:1:`])
      expect(parseSnapshot(text)).toBeUndefined()
  })
})
