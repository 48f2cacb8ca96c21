import { describe, expect, it } from 'vitest'
import { createTouches, type Touched } from '../../../src/follower/touches.js'

describe('uses of sessions, between two flushes', () => {
  it('are one of each session and address, with all requests, at the time of the last', async () => {
    const { touches, written, clock } = some()
    touches.note('a', '192.0.2.1')
    clock.now = 1_000
    touches.note('a', '192.0.2.1')
    touches.note('b', null, { requests: 5 })
    clock.now = 3_000
    expect(touches.waiting).toBe(2)
    await touches.flush()
    expect(written()).toEqual([
      { id: 'a', ip: '192.0.2.1', secondsAgo: 2, requests: 2, background: false },
      { id: 'b', ip: null, secondsAgo: 2, requests: 5, background: false },
    ])
    expect(touches.waiting).toBe(0)
  })

  it('come in the order of time: the address of the last is where the session is', async () => {
    const { touches, written, clock } = some()
    touches.note('a', '192.0.2.1')
    clock.now = 1_000
    touches.note('a', '192.0.2.2')
    clock.now = 2_000
    touches.note('a', '192.0.2.1')
    await touches.flush()
    expect(written().map(({ ip, requests }) => [ip, requests])).toEqual([
      ['192.0.2.2', 1],
      ['192.0.2.1', 2],
    ])
  })

  it('from more than eight addresses count, the further ones as from nowhere known', async () => {
    const { touches, written, clock } = some()
    for (let i = 0; i < 20; i++) {
      clock.now = i
      touches.note('a', `192.0.2.${i}`)
    }
    clock.now = 20
    touches.note('a', '192.0.2.3')
    await touches.flush()
    expect(written()).toHaveLength(9)
    expect(written().reduce((sum, { requests }) => sum + requests, 0)).toBe(21)
    expect(written().find(({ ip }) => ip === null)?.requests).toBe(12)
    expect(written().at(-1)?.ip).toBe('192.0.2.3')
  })

  it.each([
    [[false, true], 0, false],
    [[true, false], 1_000, false],
    [[true, true], 1_000, true],
  ])('of which %j were in the background say when the person did something', async (inBackground, at, background) => {
    const { touches, written, clock } = some()
    for (const [i, background] of inBackground.entries()) {
      clock.now = i * 1_000
      touches.note('a', null, { background })
    }
    clock.now = 2_000
    await touches.flush()
    expect(written()).toMatchObject([{ secondsAgo: (2_000 - at) / 1_000, background }])
  })

  it('are told once', async () => {
    const { touches, written } = some()
    touches.note('a', '192.0.2.1')
    await touches.flush()
    await touches.flush()
    touches.note('a', '192.0.2.9')
    await touches.flush()
    expect(written().map(({ ip, requests }) => [ip, requests])).toEqual([
      ['192.0.2.1', 1],
      ['192.0.2.9', 1],
    ])
  })

  it('are kept while nothing can be written, together with what came meanwhile', async () => {
    const { touches, written, clock, failing } = some()
    touches.note('a', '192.0.2.1')
    failing.now = true
    const flushing = touches.flush()
    clock.now = 1_000
    touches.note('a', '192.0.2.1')
    await flushing
    expect(touches.waiting).toBe(1)
    failing.now = false
    await touches.flush()
    expect(written()).toMatchObject([{ id: 'a', requests: 2, secondsAgo: 0 }])
  })

  it('are forgotten from the oldest on, beyond 200,000 sessions', async () => {
    const { touches, written } = some()
    for (let i = 0; i <= 200_000; i++) touches.note(`${i}`, null)
    expect(touches.waiting).toBe(200_000)
    await touches.flush()
    expect(written()[0]?.id).toBe('1')
    expect(written()).toHaveLength(200_000)
  })
})

function some() {
  const clock = { now: 0 }
  const failing = { now: false }
  const batches: (readonly Touched<string>[])[] = []
  const touches = createTouches<string>({
    clock: { monotonicMs: () => clock.now, after: () => () => {} },
    inParts: (uses) => [uses],
    async write(uses) {
      if (failing.now) throw new Error('away')
      batches.push(uses)
    },
    onFailure: () => {},
  })
  return { touches, clock, failing, written: () => batches.flat() }
}
