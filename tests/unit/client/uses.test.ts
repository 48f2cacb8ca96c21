import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createVerifier, RollcallFailure } from '../../../src/client/index.js'
import { createUses } from '../../../src/client/uses.js'
import { aNode, KEY } from './fakeNode.js'

/** Uses over calls that the test answers, by a clock that the test moves. */
function someUses(answer: (items: { id: string; ip?: string }[]) => unknown = () => ({ ended: [] })) {
  let now = 0
  const due: { at: number; act: () => void }[] = []
  const sent: { id: string; ip?: string; secondsAgo: number; requests: number }[][] = []
  const ended: string[] = []
  const failures: unknown[] = []
  const uses = createUses({
    calls: {
      async send(_method, _path, { body }) {
        const { items } = body as { items: (typeof sent)[number] }
        sent.push(items)
        return answer(items)
      },
    },
    clock: {
      monotonicMs: () => now,
      wallMs: () => now,
      after(ms, act) {
        const timer = { at: now + ms, act }
        due.push(timer)
        return () => void due.splice(due.indexOf(timer), 1)
      },
    },
    onEnded: (id) => ended.push(id),
    onFailure: (error) => failures.push(error),
  })
  async function pass(ms: number) {
    now += ms
    for (const timer of due.filter(({ at }) => at <= now)) {
      due.splice(due.indexOf(timer), 1)
      timer.act()
    }
    await vi.waitFor(() => expect(due.length).toBeGreaterThan(0))
  }
  return { uses, sent, ended, failures, pass, move: (ms: number) => (now += ms) }
}

describe('uses of sessions', () => {
  it('travel every interval, one a session and address, with how long ago the last was', async () => {
    const { uses, sent, pass } = someUses()
    const stop = uses.start(3_000)
    uses.note('a', '203.0.113.1')
    await pass(1_000)
    uses.note('a', '203.0.113.1')
    uses.note('b', null)
    await pass(2_000)
    expect(sent).toEqual([
      [
        { id: 'a', ip: '203.0.113.1', secondsAgo: 2, requests: 2 },
        { id: 'b', secondsAgo: 2, requests: 1 },
      ],
    ])
    await pass(3_000)
    expect(sent).toHaveLength(1)
    stop()
  })

  it('go in requests of 400, none of which names a session twice, its latest address last', async () => {
    const { uses, sent, move } = someUses()
    uses.note('moved', '203.0.113.1')
    move(1)
    uses.note('moved', '203.0.113.2')
    move(1)
    uses.note('moved', '203.0.113.1')
    for (let i = 0; i < 900; i++) uses.note(`s${i}`, null)
    await uses.flush()
    expect(sent.map((items) => items.length)).toEqual([400, 400, 101, 1])
    for (const items of sent) expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
    expect(
      sent
        .flat()
        .filter(({ id }) => id === 'moved')
        .map(({ ip }) => ip),
    ).toEqual(['203.0.113.2', '203.0.113.1'])
  })

  it('are kept, and grow older, while there is no answer, which is waited for once', async () => {
    let works = false
    const { uses, sent, failures, move } = someUses(() => {
      if (!works) throw new RollcallFailure('no-answer', 'down')
      return { ended: [] }
    })
    for (let i = 0; i < 900; i++) uses.note(`s${i}`, null)
    await uses.flush()
    expect(sent).toHaveLength(1)
    expect(uses.waiting).toBe(900)
    expect(failures[0]).toMatchObject({ code: 'no-answer' })
    works = true
    move(2_000)
    await uses.flush()
    expect(sent.map((items) => items.length)).toEqual([400, 400, 400, 100])
    expect(sent.at(-1)?.[0]).toMatchObject({ secondsAgo: 2 })
    expect(uses.waiting).toBe(0)
  })

  it('are given up where Rollcall refuses them for what they are, or they are older than it takes', async () => {
    const { uses, sent, failures, move } = someUses(() => {
      throw new RollcallFailure('request-refused', 'bad')
    })
    uses.note('a', null)
    await uses.flush()
    expect(uses.waiting).toBe(0)
    expect(failures).toMatchObject([{ code: 'request-refused' }])
    uses.note('b', null)
    move(86_400_000)
    await uses.flush()
    expect(sent).toHaveLength(1)
  })

  it('S-12 say which sessions are over, and leave out an address that nobody can read', async () => {
    const { uses, sent, ended } = someUses(() => ({ ended: ['a'] }))
    uses.note('a', 'unknown')
    await uses.flush()
    expect(sent).toEqual([[{ id: 'a', secondsAgo: 0, requests: 1 }]])
    expect(ended).toEqual(['a'])
  })

  it('S-07 are noted for requests of the person, not for those in the background nor for denials', async () => {
    const node = await aNode()
    const session = node.aSession()
    const verifier = createVerifier({ url: node.url, key: KEY })
    onTestFinished(() => verifier.stop())
    await verifier.started
    await verifier.verify(session.token)
    await verifier.verify(session.token, { ip: '203.0.113.1', background: true })
    verifier.verifyCached(session.token, { ip: '203.0.113.1', background: true })
    await verifier.verify('rcs_no', { ip: '203.0.113.1' })
    expect(verifier.stats().usesWaiting).toBe(0)
    await verifier.verify(session.token, { ip: '203.0.113.1' })
    verifier.verifyCached(session.token, { ip: '203.0.113.1' })
    verifier.touch(session.id, { ip: '203.0.113.2', requests: 3 })
    expect(verifier.stats().usesWaiting).toBe(1)
    await verifier.stop()
    const told = node.askedFor('/sessions/touch').flatMap(({ body }) => body.items)
    expect(told).toMatchObject([
      { id: session.id, ip: '203.0.113.1', requests: 2 },
      { id: session.id, ip: '203.0.113.2', requests: 3 },
    ])
  })
})
