import { expect, it } from 'vitest'
import type { Entry, Snapshot } from '../../../src/follower/types.js'
import { createHeldLog } from '../../../src/sessions/log/heldLog.js'

const at = (xmin: number, xmax = xmin, xip: number[] = []): Snapshot => ({ era: '1.A', xmin, xmax, xip })
const entry = (xid: number): Entry => ({ kind: 'session', target: `session ${xid}`, xid })

it('passes on once what a poll and the reading of a nudge have both read, and what came late as well', () => {
  const held = createHeldLog(() => 0)
  held.add({ entries: [], snapshot: at(10), anew: true })
  held.add({ entries: [entry(10), entry(12)], snapshot: at(11, 13, [11]), anew: false })
  held.add({ entries: [entry(10), entry(12)], snapshot: at(11, 13, [11]), anew: false })
  held.add({ entries: [entry(10), entry(11), entry(12)], snapshot: at(13), anew: false })
  expect(held.since(at(10))?.map(({ xid }) => xid)).toEqual([10, 12, 11])
  expect(held.since(at(11, 13, [11]))?.map(({ xid }) => xid)).toEqual([11])
})

it('says whether anything was appended between two positions, and takes what it does not hold for something', () => {
  const held = createHeldLog(() => 0)
  held.add({ entries: [], snapshot: at(10), anew: true })
  held.add({ entries: [entry(12)], snapshot: at(13), anew: false })
  held.add({ entries: [], snapshot: at(20), anew: false })
  expect(held.liesBetween(at(10), at(20))).toBe(true)
  expect(held.liesBetween(at(10), at(12, 14, [12]))).toBe(false)
  expect(held.liesBetween(at(13), at(20))).toBe(false)
  expect(held.liesBetween(at(9), at(20))).toBe(true)
})
