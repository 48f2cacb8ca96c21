import { describe, expect, it, vi } from 'vitest'
import { createEngine, type EngineOptions } from '../../../src/follower/engine.js'
import { inTime } from '../../../src/follower/follower.js'
import { TOKEN_WORDS } from '../../../src/follower/token.js'
import type { Answer, Loaded } from '../../../src/follower/types.js'
import { answer, aTransport, unplugged } from '../../support/aTransport.js'
import { APPS, factsOf, TOKENS, type Token } from '../../support/factsOf.js'
import { createVirtualClock, settled } from '../../support/virtualClock.js'

const LEASE_MS = 2_000
const [one, two] = TOKENS as [Token, Token, ...Token[]]
const active = { status: 'active' }
const denied = (reason: string) => ({ status: 'denied', reason })

async function started(options: Partial<EngineOptions> = {}) {
  const clock = createVirtualClock()
  const transport = aTransport()
  const engine = createEngine({ transport, clock, leaseMs: LEASE_MS, cacheSize: 100, random: () => 0.5, ...options })
  const start = engine.start()
  await settled()
  return { clock, transport, engine, start }
}

/** A promise that a test keeps. */
function promised<T>() {
  let keep: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    keep = resolve
  })
  return { promise, keep }
}

describe('a check', () => {
  it('asks once and answers from memory from then on, without waiting', async () => {
    const { engine, transport } = await started()
    expect(engine.verifyCached(one.text)).toBe('ask')
    expect(await engine.verify(one.text)).toMatchObject({ ...active, session: { id: one.id } })
    expect(engine.verifyCached(one.text)).toMatchObject({ ...active, session: { id: one.id } })
    await engine.verify(one.text)
    expect(transport.loads).toHaveLength(1)
    expect(engine.stats()).toMatchObject({ hits: 2, misses: 1, sessions: 1 })
  })

  it('of a token that was read once is as strict: what has ended, and another secret, are refused', async () => {
    const { engine, transport } = await started()
    const words = new Int32Array(TOKEN_WORDS)
    const wrong = new Int32Array(TOKEN_WORDS)
    expect(engine.memory.read(one.text, words) && engine.memory.read(one.wrong, wrong)).toBe(true)
    expect(engine.verifyCached(one.text, {}, words)).toBe('ask')
    await engine.verify(one.text)
    for (let n = 0; n < 3; n++) {
      expect(engine.verifyCached(one.text, {}, words)).toMatchObject({ ...active, session: { id: one.id } })
      expect(engine.verifyCached(one.wrong, {}, wrong)).toEqual(denied('unknown'))
    }
    // Nothing was read: no row is meant by it.
    expect(engine.verifyCached(one.text, {}, new Int32Array(TOKEN_WORDS))).toBe('ask')
    engine.forget(one.id)
    expect(engine.verifyCached(one.text, {}, words)).not.toMatchObject(active)
    expect(transport.loads).toHaveLength(1)
  })

  it('S-01 of what is no token is refused without asking anybody', async () => {
    const { engine, transport } = await started()
    for (const text of ['', 'x', `${one.text} `, one.text.slice(1)])
      expect(engine.verifyCached(text)).toEqual(denied('unknown'))
    expect(transport.loads).toHaveLength(0)
  })

  it('shares one look-up with others of the same token at the same time', async () => {
    const { engine, transport } = await started()
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => engine.verify(one.text)))
    expect(verdicts.every(({ status }) => status === 'active')).toBe(true)
    expect(transport.loads).toHaveLength(1)
    await Promise.all([engine.verify(two.text, { ip: '192.0.2.1' }), engine.verify(two.text, { ip: '192.0.2.2' })])
    expect(transport.loads).toHaveLength(3)
  })

  it('fresh asks each time, whatever is remembered', async () => {
    const { engine, transport } = await started()
    await engine.verify(one.text)
    transport.load = async () => ({
      status: 'known',
      facts: factsOf(0, { over: 'ended' }),
      networkBlocked: false,
      ageMs: 0,
    })
    expect(engine.verifyCached(one.text, { fresh: true })).toBe('ask')
    expect(await engine.verify(one.text, { fresh: true })).toEqual(denied('ended'))
    transport.load = unplugged
    expect(await engine.verify(one.text, { fresh: true })).toEqual(denied('unavailable'))
  })

  it('S-38 of a token of another app is unknown', async () => {
    const { engine } = await started()
    expect(await engine.verify(one.text, { appId: APPS[1] })).toEqual(denied('unknown'))
    expect(engine.verifyCached(one.text, { appId: APPS[1] })).toEqual(denied('unknown'))
    expect(engine.verifyCached(one.text, { appId: APPS[0] })).toMatchObject(active)
  })

  it('S-14 of what ended while it was looked up is looked up again, and the older answer is not kept', async () => {
    const { engine, transport } = await started()
    const first = promised<Loaded>()
    const loads = [
      first.promise,
      Promise.resolve<Loaded>({
        status: 'known',
        facts: factsOf(0, { over: 'ended' }),
        networkBlocked: false,
        ageMs: 0,
      }),
    ]
    transport.load = () => loads.shift() ?? unplugged()
    const verdict = engine.verify(one.text)
    transport.read = async () => answer(500, { entries: [{ kind: 'session', target: one.id, xid: 450 }] })
    await engine.follower.nudge()
    first.keep({ status: 'known', facts: factsOf(0), networkBlocked: false, ageMs: 0 })
    expect(await verdict).toEqual(denied('ended'))
    expect(engine.verifyCached(one.text)).toEqual(denied('ended'))
  })

  it('tells who is asked what it has applied', async () => {
    const { engine, transport } = await started()
    await engine.verify(one.text)
    expect(transport.loads[0]?.position).toEqual(engine.follower.position)
  })
})

describe('a refusal', () => {
  it('S-38 for another app is not shared with a check of the same token at the same time', async () => {
    const { engine } = await started()
    const app = factsOf(0).appId
    const verdicts = [engine.verify(one.text, { appId: app }), engine.verify(one.text, { appId: 'another' })]
    expect(await Promise.all(verdicts)).toMatchObject([active, denied('unknown')])
  })

  it('of a network comes with the look-up itself, before anything is remembered', async () => {
    const { engine, transport } = await started()
    transport.load = async () => ({ status: 'known', facts: factsOf(0), networkBlocked: true, ageMs: 0 })
    expect(await engine.verify(one.text, { ip: '203.0.113.9' })).toEqual(denied('network-blocked'))
  })

  it('S-18 is forgotten with all else where the past was set back', async () => {
    const { engine, transport, clock } = await started()
    const { load } = transport
    transport.load = async () => ({ status: 'denied', reason: 'ended', ageMs: 0 })
    expect(await engine.verify(one.text)).toEqual(denied('ended'))
    transport.load = load
    expect(engine.verifyCached(one.text)).toEqual(denied('ended'))
    transport.read = async () => answer(600, { anew: true })
    await engine.follower.nudge()
    await clock.advance(LEASE_MS / 4)
    expect(engine.follower.leaseLeft()).toBeGreaterThan(0)
    expect(await engine.verify(one.text)).toMatchObject(active)
  })

  it('S-15 is remembered for half a lease at most: in an app process it may be so once more', async () => {
    const { engine, transport, clock } = await started({ leaseMs: 1_000 })
    transport.load = vi.fn(async () => ({ status: 'unknown', idIsFree: true }) as const)
    for (const waitMs of [0, 499, 1]) {
      await clock.advance(waitMs)
      await engine.verify(one.text)
    }
    expect(transport.load).toHaveBeenCalledTimes(2)
  })

  it('of an id that is free is remembered for half a lease, whatever the secret', async () => {
    const { engine, transport, clock } = await started()
    transport.load = vi.fn(async () => ({ status: 'unknown', idIsFree: true }) as const)
    for (const text of [one.text, one.wrong, one.text]) expect(await engine.verify(text)).toEqual(denied('unknown'))
    expect(transport.load).toHaveBeenCalledTimes(1)
    await clock.advance(LEASE_MS / 2)
    await engine.verify(one.text)
    expect(transport.load).toHaveBeenCalledTimes(2)
  })

  it('of a blocked person is remembered from when it was true, not from when it was told', async () => {
    const { engine, transport, clock } = await started()
    transport.load = async () => ({ status: 'denied', reason: 'blocked', ageMs: 600 })
    await engine.verify(one.text)
    await clock.advance(LEASE_MS / 2 - 601)
    expect(engine.verifyCached(one.text)).toEqual(denied('blocked'))
    await clock.advance(1)
    expect(engine.verifyCached(one.text)).toBe('ask')
  })

  it('of a wrong secret does not shut the owner out', async () => {
    const { engine, transport } = await started()
    transport.load = async (token) =>
      token === one.text
        ? { status: 'known', facts: factsOf(0), networkBlocked: false, ageMs: 0 }
        : { status: 'unknown', idIsFree: false }
    expect(await engine.verify(one.wrong)).toEqual(denied('unknown'))
    expect(await engine.verify(one.text)).toMatchObject(active)
    expect(engine.verifyCached(one.wrong)).toEqual(denied('unknown'))
    expect(engine.verifyCached(one.text)).toMatchObject(active)
  })

  it('that depends on where the request comes from, or on a use that is not written yet, is not remembered', async () => {
    const { engine, transport } = await started()
    for (const reason of ['idle', 'network-blocked'] as const) {
      transport.load = async () => ({ status: 'denied', reason, ageMs: 0 })
      expect(await engine.verify(one.text)).toEqual(denied(reason))
      expect(engine.verifyCached(one.text)).toBe('ask')
    }
    transport.load = async () => ({ status: 'denied', reason: 'ended', ageMs: 0 })
    await engine.verify(one.text)
    expect(engine.verifyCached(one.text)).toEqual(denied('ended'))
  })
})

describe('S-16 fails closed', () => {
  it('S-16 before the first poll: each check is asked about, and none is answered from memory', async () => {
    const transport = aTransport()
    transport.poll = unplugged
    const { engine } = await started({ transport })
    expect(await engine.verify(one.text)).toMatchObject(active)
    expect(engine.verifyCached(one.text)).toBe('ask')
    expect(transport.loads).toHaveLength(1)
  })

  it('S-16 when polls have no answer any more: memory is not asked once the lease has run out', async () => {
    const { engine, transport, clock } = await started()
    await engine.verify(one.text)
    transport.poll = unplugged
    await clock.advance(LEASE_MS - 1)
    expect(engine.verifyCached(one.text)).toMatchObject(active)
    await clock.advance(1)
    expect(engine.verifyCached(one.text)).toBe('ask')
    transport.load = unplugged
    expect(await engine.verify(one.text)).toEqual(denied('unavailable'))
  })

  it('S-16 when the look-up has no answer, or one that came too late', async () => {
    const { engine, transport, clock } = await started()
    transport.load = unplugged
    expect(await engine.verify(one.text)).toEqual(denied('unavailable'))
    transport.load = () => new Promise(() => {})
    const verdict = engine.verify(one.text)
    await clock.advance(LEASE_MS)
    expect(await verdict).toEqual(denied('unavailable'))
    transport.load = async () => ({ status: 'known', facts: factsOf(0), networkBlocked: false, ageMs: LEASE_MS })
    expect(await engine.verify(one.text)).toEqual(denied('unavailable'))
    expect(engine.verifyCached(one.text)).toBe('ask')
  })

  it('S-15 when the machine was suspended while a look-up was under way, and memory with it', async () => {
    const { engine, transport, clock } = await started()
    await engine.verify(two.text)
    const loaded = promised<Loaded>()
    transport.load = () => loaded.promise
    const verdict = engine.verify(one.text)
    clock.suspend(60_000)
    loaded.keep({ status: 'known', facts: factsOf(0), networkBlocked: false, ageMs: 0 })
    expect(await verdict).toEqual(denied('unavailable'))
    expect(engine.verifyCached(two.text)).toBe('ask')
  })

  it('an app that chose otherwise goes on with what it remembers, but not for fresh', async () => {
    const { engine, transport, clock } = await started({ onUnavailable: 'allow-cached' })
    await engine.verify(one.text)
    transport.poll = transport.load = unplugged
    await clock.advance(LEASE_MS)
    expect(engine.verifyCached(one.text)).toBe('ask')
    expect(await engine.verify(one.text)).toMatchObject(active)
    expect(await engine.verify(two.text)).toEqual(denied('unavailable'))
    expect(await engine.verify(one.text, { fresh: true })).toEqual(denied('unavailable'))
  })

  it.each(['deny', 'allow-cached'] as const)(
    'S-16 waits once for what does not answer, then for nothing until one look-up at a time has an answer: %s',
    async (onUnavailable) => {
      const { engine, transport, clock } = await started({ onUnavailable })
      await engine.verify(one.text)
      const { poll, load } = transport
      let asked = 0
      transport.poll = unplugged
      transport.load = () => {
        asked += 1
        return new Promise(() => {})
      }
      await clock.advance(LEASE_MS)
      const first = engine.verify(one.text)
      await clock.advance(LEASE_MS)
      const without = onUnavailable === 'deny' ? denied('unavailable') : active
      expect(await first).toMatchObject(without)
      for (let n = 0; n < 10; n++) {
        expect(await engine.verify(one.text)).toMatchObject(without)
        expect(await engine.verify(two.text)).toEqual(denied('unavailable'))
      }
      expect(asked).toBe(2)
      transport.load = load
      await clock.advance(LEASE_MS)
      await engine.verify(two.text)
      await settled()
      expect(await engine.verify(two.text), 'without a lease, by asking').toMatchObject(active)
      transport.poll = poll
      await clock.advance(LEASE_MS)
      expect(engine.verifyCached(two.text), 'with a lease').toMatchObject(active)
    },
  )

  it('it does so for as long as nobody answers, and whatever the clocks do meanwhile', async () => {
    const { engine, transport, clock } = await started({ onUnavailable: 'allow-cached' })
    const facts = factsOf(0, { expiryDeadline: 1e9, idleDeadline: 1e9 })
    transport.load = async () => ({ status: 'known', facts, networkBlocked: false, ageMs: 0 })
    await engine.verify(one.text)
    transport.poll = transport.load = unplugged
    await clock.advance(LEASE_MS + 11 * 60_000)
    expect(await engine.verify(one.text)).toMatchObject(active)
    clock.suspend(60_000)
    await clock.advance(LEASE_MS)
    expect(await engine.verify(one.text)).toMatchObject(active)
    transport.poll = async () => answer(100, { networks: [] })
    await clock.advance(LEASE_MS)
    expect(await engine.verify(one.text), 'an answer is one again').toEqual(denied('unavailable'))
  })
})

describe('the follower', () => {
  it('counts its lease from when the poll was sent, not from when its answer came', async () => {
    const transport = aTransport()
    const first = promised<Answer>()
    transport.poll = () => first.promise
    const { engine, clock } = await started({ transport })
    await clock.advance(900)
    first.keep(answer(100, { networks: [], ageMs: 300 }))
    await settled()
    expect(engine.follower.leaseLeft()).toBe(LEASE_MS - 900 - 300)
  })

  it('is started once a poll counts', async () => {
    const transport = aTransport()
    transport.poll = unplugged
    const { start, clock, engine } = await started({ transport })
    const isStarted = vi.fn()
    void start.then(isStarted)
    await clock.advance(1_000)
    expect(isStarted).not.toHaveBeenCalled()
    transport.poll = async () => answer(100, { networks: [] })
    await clock.advance(1_000)
    expect(isStarted).toHaveBeenCalled()
    expect(engine.stats()).toMatchObject({ polls: expect.any(Number), startedAnew: 1 })
  })

  it('S-15 forgets everything when the past is uncertain', async () => {
    const { engine, transport, clock } = await started()
    await engine.verify(one.text)
    transport.poll = async () => answer(5, { anew: true, networks: [] })
    await clock.advance(LEASE_MS / 4)
    expect(engine.verifyCached(one.text)).toBe('ask')
    expect(engine.follower.position?.xmax).toBe(5)
  })

  it('S-15 forgets everything when the machine was suspended, and when a lease ran out too long ago', async () => {
    for (const fall of ['asleep', 'cut off'] as const) {
      const { engine, transport, clock } = await started()
      await engine.verify(one.text)
      transport.poll = unplugged
      if (fall === 'asleep') clock.suspend(60_000)
      else await clock.advance(LEASE_MS + 10 * 60_000)
      await clock.advance(LEASE_MS)
      expect(engine.verifyCached(one.text), fall).toBe('ask')
      expect(engine.follower.position, fall).toBeUndefined()
      transport.poll = async () => answer(100, { networks: [] })
      await clock.advance(LEASE_MS)
      expect(engine.stats(), fall).toMatchObject({ sessions: 0, startedAnew: 2 })
      expect(engine.verifyCached(one.text), fall).toBe('ask')
    }
  })

  it('S-16 asks memory nothing once it was stopped: nobody tells it any more what ends', async () => {
    const { engine, transport } = await started()
    await engine.verify(one.text)
    engine.stop()
    expect(engine.verifyCached(one.text)).toBe('ask')
    expect(await engine.verify(one.text)).toMatchObject(active)
    transport.load = unplugged
    expect(await engine.verify(one.text)).toEqual(denied('unavailable'))
  })

  it('S-15 takes no answer that was there in time and was found too late: the process was stopped', async () => {
    const { clock } = await started()
    const work = promised<string>()
    const asked = inTime(work.promise, clock, 1_000)
    // The answer is seen before the timer that is due too.
    clock.pass(1_001)
    work.keep('late')
    await expect(asked).rejects.toMatchObject({ code: 'took_too_long' })
  })

  it('a push says nothing of when a block ends: it may have been under way for long', async () => {
    const { engine, transport } = await started()
    const position = engine.follower.position ?? answer(0).snapshot
    const network = { network: '203.0.113.0/24', ask: false }
    const entries = [{ kind: 'network', target: network.network, xid: position.xmax }] as const
    transport.read = async () => answer(position.xmax + 1, { entries, networks: [{ ...network, endsAt: 5_000 }] })
    engine.follower.push(answer(position.xmax + 1, { entries, networks: [{ ...network, endsAt: 9_000 }] }), position)
    await settled()
    expect(engine.networks()).toEqual([{ ...network, endsAt: 5_000 }])
  })

  it('what a nudge tells of is refused before it was read, and by memory after', async () => {
    const { engine, transport } = await started()
    await engine.verify(one.text)
    const before = engine.follower.position
    const asked = promised<Answer>()
    transport.read = () => asked.promise
    const read = engine.follower.nudge([{ kind: 'session', target: one.id }])
    expect(engine.verifyCached(one.text)).toEqual(denied('ended'))
    expect(engine.follower.position).toBe(before)
    asked.keep(answer(900, { entries: [{ kind: 'session', target: one.id, xid: 890 }] }))
    await read
    expect(engine.follower.position?.xmax).toBe(900)
    expect(engine.verifyCached(one.text)).toEqual(denied('ended'))
  })

  it('S-15 does not say that all was read when a push leaves a gap', async () => {
    const { engine, transport } = await started()
    await engine.verify(one.text)
    const before = engine.follower.position
    const asked = promised<Answer>()
    transport.read = () => asked.promise
    const entries = [{ kind: 'session', target: one.id, xid: 900 }] as const
    engine.follower.push(answer(901, { entries }), { era: 'a.1', xmin: 890, xmax: 890, xip: [] })
    expect(engine.follower.position).toBe(before)
    expect(engine.verifyCached(one.text)).toEqual({ status: 'denied', reason: 'ended' })
    asked.keep(answer(902))
    await settled()
    expect(engine.follower.position?.xmax).toBe(902)
  })

  it('leaves the newer list of networks in place when an older answer comes late', async () => {
    const { engine, transport } = await started()
    const late = promised<Answer>()
    const network = { network: '203.0.113.0/24', endsAt: null, ask: false }
    const entries = [{ kind: 'network', target: network.network, xid: 300 }] as const
    transport.read = () => late.promise
    const read = engine.follower.nudge()
    engine.follower.push(answer(400, { entries, networks: [network] }), engine.follower.position ?? answer(0).snapshot)
    late.keep(answer(200, { entries, networks: [] }))
    await read
    expect(engine.networks()).toEqual([network])
  })
})
