import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../../src/follower/types.js'
import type { AppProcessSeen, FollowersSeen, NodeSeen } from '../../../src/sessions/log/followers.js'
import { createReceipts } from '../../../src/sessions/receipts/receipts.js'
import type { LateFollower, Receipt } from '../../../src/sessions/receipts/summary.js'
import { createTally } from '../../../src/sessions/receipts/tally.js'
import {
  boundLine,
  isGreen,
  lateOf,
  lateText,
  noReceiptText,
  receiptText,
  shortReceiptText,
} from '../../../templates/components/receiptWords.js'

const XID = 100
const upTo = (xmax: number, xip: number[] = [], era = 'e'): Snapshot => ({ era, xmin: xip[0] ?? xmax, xmax, xip })
const BEFORE = upTo(XID)
const AFTER = upTo(XID + 1)

function aNode(key: string, more: Partial<NodeSeen> = {}): NodeSeen {
  return {
    ...{ kind: 'node', key, name: key, version: '1', snapshot: BEFORE, leaseMs: 2_000, seenAgoMs: 100 },
    ...{ leaseLeftMs: 1_900, hits: 0, misses: 0, startedAt: new Date(0), sessions: 0, pollMs: 1, horizonAgeMs: 0 },
    ...{ nudged: true },
    ...more,
  }
}
function aProcess(key: string, node: NodeSeen, more: Partial<AppProcessSeen> = {}): AppProcessSeen {
  return {
    ...{ kind: 'app', key, name: key, version: '1', snapshot: BEFORE, leaseMs: 2_000, seenAgoMs: 100 },
    ...{
      leaseLeftMs: 1_900,
      hits: 0,
      misses: 0,
      app: { id: 'a', name: 'Billing' },
      keyId: 'k',
      node,
      allowsCached: false,
    },
    ...more,
  }
}
const seen = (nodes: NodeSeen[], apps: AppProcessSeen[] = [], era = 'e'): FollowersSeen => ({ era, nodes, apps })
const aTally = (more: { since?: number | null } = {}) => createTally({ xid: XID, since: 0, ...more })

describe('who has applied an act', () => {
  test('is complete once every snapshot sees it, after the time of the last', () => {
    const tally = aTally()
    tally.count(seen([aNode('a', { snapshot: AFTER }), aNode('b')]), 4)
    expect(tally.complete).toBe(false)
    tally.count(seen([aNode('a', { snapshot: AFTER }), aNode('b', { snapshot: AFTER })]), 38)
    expect(tally).toMatchObject({ complete: true, afterMs: 38 })
    expect(tally.list(50).map(({ afterMs }) => afterMs)).toEqual([4, 38])
  })

  test('a snapshot that began after it, but does not see it yet, confirms nothing', () => {
    const tally = aTally()
    tally.count(seen([aNode('a', { snapshot: upTo(XID + 5, [XID]) })]), 4)
    expect(tally.complete).toBe(false)
  })

  test('a long transaction that holds the horizon back does not delay it', () => {
    const tally = aTally()
    tally.count(seen([aNode('a', { snapshot: upTo(XID + 5, [XID - 50]) })]), 4)
    expect(tally.complete).toBe(true)
  })

  test('a snapshot of another database confirms nothing', () => {
    const tally = aTally()
    tally.count(seen([aNode('a', { snapshot: upTo(XID + 5, [], 'after a failover') })]), 4)
    expect(tally.complete).toBe(false)
  })

  test('nor does one from before a failover that gives the same ids out again', () => {
    const tally = aTally()
    const [before, after] = [upTo(XID + 5), upTo(XID + 5, [], 'after a failover')]
    tally.count(seen([aNode('a', { snapshot: before })], [], 'after a failover'), 4)
    expect(tally.complete).toBe(false)
    tally.count(seen([aNode('a', { snapshot: after })], [], 'after a failover'), 8)
    expect(tally.complete).toBe(true)
  })

  test('an answer that was under way may have been written after it was asked who is silent', () => {
    const tally = aTally()
    const rows = seen([aNode('a', { snapshot: AFTER }), aNode('b', { leaseLeftMs: 0 }), aNode('c')])
    tally.count(rows, 4)
    const [a, silent] = [aNode('a', { snapshot: AFTER }), aNode('c', { leaseLeftMs: 0 })]
    tally.count(seen([a, silent]), 1_050, 990)
    expect(tally.complete).toBe(false)
    tally.count(seen([a, silent]), 1_060, 1_055)
    expect(tally.complete).toBe(true)
  })

  test('nothing is complete before the node that did it has written who follows it', () => {
    const tally = createTally({ xid: XID, since: 0, own: { key: 'a', name: 'a', leaseMs: 2_000 } })
    tally.note('a', 2)
    tally.count(seen([aNode('a')]), 7)
    expect(tally.complete).toBe(false)
    tally.count(seen([aNode('a', { snapshot: AFTER })]), 12)
    expect(tally).toMatchObject({ complete: true, afterMs: 2 })
  })

  test('nobody at all is not everybody', () => {
    const tally = aTally()
    tally.count(seen([]), 4)
    expect(tally.complete).toBe(false)
  })

  test('an app process counts as silent only once its node has the act: it may have asked since it was told of', () => {
    const silent = { seenAgoMs: 2_100, leaseLeftMs: 0 }
    const tally = aTally()
    const [behind, there] = [aNode('n', { seenAgoMs: 400 }), aNode('n', { snapshot: AFTER })]
    tally.count(seen([behind], [aProcess('p', behind)]), 1)
    tally.count(seen([behind], [aProcess('p', behind, silent)]), 1_010)
    expect(tally.list(1_010)[1]).toMatchObject({ state: 'waiting', leaseEndsInMs: 1_600 })
    tally.count(seen([there], [aProcess('p', there, silent)]), 1_020)
    expect(tally.list(1_020)[1]).toMatchObject({ state: 'lease-over' })
    expect(tally.complete).toBe(true)
  })

  test('a silent process is not done with while the answer to a poll from before the act may still count', () => {
    const tally = aTally()
    const own = aNode('a', { snapshot: AFTER })
    tally.count(seen([own, aNode('b', { leaseLeftMs: 10 })]), 1)
    tally.count(seen([own, aNode('b', { leaseLeftMs: 0 })]), 900)
    expect(tally.list(900)[1]).toMatchObject({ state: 'waiting', leaseEndsInMs: 100 })
    tally.count(seen([own, aNode('b', { leaseLeftMs: 1_500 })]), 990)
    tally.count(seen([own, aNode('b', { leaseLeftMs: 1_000 })]), 1_490)
    expect(tally.complete).toBe(false)
    tally.count(seen([own, aNode('b', { leaseLeftMs: 0 })]), 2_490)
    expect(tally.complete).toBe(true)
  })

  test('an app process whose node is gone is waited for until its lease is over', () => {
    const tally = aTally()
    const [own, other] = [aNode('a', { snapshot: AFTER }), aNode('b', { snapshot: AFTER })]
    tally.count(seen([own, other], [aProcess('p', other, { leaseLeftMs: 500 })]), 10)
    tally.count(seen([own]), 990)
    expect(tally.complete).toBe(false)
    tally.count(seen([own]), 1_010)
    expect(tally.complete).toBe(true)
    expect(tally.list(1_010).find(({ kind }) => kind === 'app')).toMatchObject({ state: 'lease-over' })
  })
})

describe('a receipt in words', () => {
  const aReceipt = (more: Partial<Receipt> = {}): Receipt => ({
    ...{ position: 'x100', complete: true, afterMs: 38, boundMs: 2_000, waitedMs: null, late: [] },
    ...{ nodes: { have: 4, of: 4 }, apps: { have: 12, of: 12 } },
    ...more,
  })
  const aLate = (more: Partial<LateFollower> = {}): LateFollower => ({
    ...{ name: 'auth-3', kind: 'node', app: null, state: 'lease-over', leaseEndsInMs: null, allowsCached: false },
    ...more,
  })
  const plain = (text: string) => text.replaceAll('\u00a0', ' ')

  test('says on how many it holds, with the measured and the guaranteed time', () => {
    const receipt = aReceipt()
    expect(plain(receiptText(receipt, 'refused'))).toBe(
      'Refused on 4 of 4 nodes and 12 of 12 app processes after 38 ms',
    )
    expect(plain(receiptText(receipt, 'in-force'))).toMatch(/^In force on 4 of 4 nodes/)
    expect(plain(boundLine(receipt))).toBe('Measured 38 ms, guaranteed within 2 s')
    expect(plain(shortReceiptText(receipt))).toBe('refused on 4 of 4 nodes, 38 ms')
    expect(isGreen(receipt)).toBe(true)
  })

  test('on one node alone reads naturally', () => {
    const alone = { nodes: { have: 1, of: 1 }, apps: { have: 0, of: 0 }, afterMs: 2 }
    expect(plain(receiptText(aReceipt(alone), 'refused'))).toBe('Refused on this node after 2 ms')
  })

  test('is not green while anybody is missing, and measures nothing before', () => {
    const waiting = aReceipt({ complete: false, nodes: { have: 1, of: 4 }, apps: { have: 0, of: 0 }, waitedMs: 10 })
    expect(receiptText(waiting, 'refused')).toBe('Refused on 1 of 4 nodes…')
    expect(plain(boundLine(waiting))).toBe('Guaranteed within 2 s')
    expect(isGreen(waiting)).toBe(false)
    expect(isGreen(aReceipt({ late: [aLate()] }))).toBe(false)
  })

  test('names nobody as late before there was time, then says when the lease runs out, then that it has', () => {
    const waiting = aLate({ state: 'waiting', leaseEndsInMs: 1_240 })
    expect(lateOf(aReceipt({ complete: false, late: [waiting], waitedMs: 20 }))).toEqual([])
    expect(lateOf(aReceipt({ complete: false, late: [waiting], waitedMs: 300 }))).toEqual([waiting])
    expect(plain(lateText(waiting))).toBe('has not confirmed; its lease runs out in 1.2 s.')
    expect(lateText(aLate())).toBe('did not confirm; its lease has run out: it refuses everything until it is back.')
  })

  test('promises nothing of a process that goes on with what it remembers', () => {
    const receipt = aReceipt({ late: [aLate({ kind: 'app', app: 'Shop', allowsCached: true })] })
    expect(lateText(receipt.late[0] as LateFollower)).toContain('it may still accept')
    expect(plain(boundLine(receipt))).toBe('Measured 38 ms, guaranteed within 2 s, but not with allow-cached')
  })

  test('says what holds all the same where none was collected', () => {
    expect(plain(noReceiptText(2_000, 'refused'))).toBe(
      'Refused everywhere within 2 s at the latest; receipts were not collected.',
    )
  })
})

test('after a failover that lost transactions the same position may be another act: it is watched anew', async () => {
  const follower = { position: upTo(XID) }
  const receipts = createReceipts({
    db: { execute: async () => [] } as never,
    node: { id: 'a', name: 'a', leaseMs: 2_000, engine: { follower }, subscribe: () => () => {} } as never,
    onFailure() {},
  })
  receipts.watch(`x${XID}`)
  const first = receipts.until(`x${XID}`, 50_000).then(() => 'given up')
  follower.position = upTo(XID, [], 'after a failover')
  receipts.watch(`x${XID}`)
  const waits = new Promise((resolve) => setTimeout(resolve, 200, 'waits'))
  expect(await Promise.race([first, waits])).toBe('given up')
  expect(receipts.pending).toBe(1)
  receipts.stop()
})
