import { describe, expect, it, vi } from 'vitest'
import { createEngine, type EngineOptions } from '../../../src/follower/engine.js'
import type { Facts } from '../../../src/follower/types.js'
import { answer, aTransport, unplugged } from '../../support/aTransport.js'
import { ACCOUNTS, factsOf, TOKENS, type Token } from '../../support/factsOf.js'
import { createVirtualClock, settled } from '../../support/virtualClock.js'

const [one, two] = TOKENS as [Token, Token, ...Token[]]

async function started(options: Partial<EngineOptions> = {}) {
  const clock = createVirtualClock()
  const transport = aTransport()
  const engine = createEngine({ transport, clock, leaseMs: 2_000, cacheSize: 100, random: () => 0.5, ...options })
  void engine.start()
  await settled()
  await engine.verify(one.text)
  await engine.verify(two.text)
  const hear = async (kind: 'session' | 'account' | 'network' | 'everything' | 'key', target: string) => {
    const position = engine.follower.position ?? answer(0).snapshot
    const entries = [{ kind, target, xid: position.xmax }]
    engine.follower.push(answer(position.xmax + 1, { entries }), position)
    await settled()
  }
  return { clock, transport, engine, hear }
}

it('an open connection ends with its session, with the reason, once', async () => {
  const { engine, transport, hear } = await started()
  const whenEnded = vi.fn()
  const other = vi.fn()
  engine.onEnded(one.id, whenEnded)
  engine.onEnded(two.id, other)
  transport.over = async (watched) => watched.map(({ id }) => ({ id, reason: 'ended' as const }))
  await hear('session', one.id)
  await hear('session', one.id)
  expect(whenEnded.mock.calls).toEqual([['ended']])
  expect(other).not.toHaveBeenCalled()
  expect(engine.watching()).toBe(1)
})

it('one whose session is well goes on, whatever the log says', async () => {
  const { engine, transport, hear } = await started()
  const whenEnded = vi.fn()
  engine.onEnded(one.id, whenEnded, { ip: '192.0.2.1' })
  await hear('account', ACCOUNTS[0] ?? '')
  await hear('network', '203.0.113.0/24')
  await hear('everything', 'everything')
  expect(transport.asked).toEqual([
    [{ id: one.id, ip: '192.0.2.1' }],
    [{ id: one.id, ip: '192.0.2.1' }],
    [{ id: one.id, ip: '192.0.2.1' }],
  ])
  expect(whenEnded).not.toHaveBeenCalled()
})

it('one that memory does not know may be anybody’s: it is asked about, whichever account the log names', async () => {
  const { engine, transport, hear } = await started()
  const unknown = TOKENS[2]?.id ?? ''
  engine.onEnded(unknown, () => {}, { ip: '192.0.2.1' })
  await settled()
  transport.asked.length = 0
  await hear('account', ACCOUNTS[1] ?? '')
  expect(transport.asked).toEqual([[{ id: unknown, ip: '192.0.2.1' }]])
})

it('nobody is asked about what the log does not concern', async () => {
  const { engine, transport, hear } = await started()
  engine.onEnded(one.id, () => {})
  await hear('session', two.id)
  await hear('account', ACCOUNTS[1] ?? '')
  await hear('key', 'a key')
  expect(transport.asked).toEqual([])
})

it('a network that is refused ends the connections from there, and leaves those from elsewhere', async () => {
  const { engine, transport, hear } = await started()
  const there = vi.fn()
  const elsewhere = vi.fn()
  engine.onEnded(one.id, there, { ip: '203.0.113.9' })
  engine.onEnded(one.id, elsewhere, { ip: '192.0.2.1' })
  transport.over = async (watched) =>
    watched.filter(({ ip }) => ip === '203.0.113.9').map(({ id }) => ({ id, reason: 'network-blocked' as const }))
  await hear('network', '203.0.113.0/24')
  expect(there).toHaveBeenCalledWith('network-blocked')
  expect(elsewhere).not.toHaveBeenCalled()
})

it('one whose session ended between the check and the watch ends at once', async () => {
  const { engine, transport, hear } = await started()
  await hear('session', one.id)
  transport.over = async (watched) => watched.map(({ id }) => ({ id, reason: 'ended' as const }))
  const whenEnded = vi.fn()
  engine.onEnded(one.id, whenEnded)
  await settled()
  expect(whenEnded).toHaveBeenCalledWith('ended')
})

it('one whose network was refused between the check and the watch is asked about at once', async () => {
  const { engine, transport } = await started()
  const position = engine.follower.position ?? answer(0).snapshot
  const network = { network: '203.0.113.0/24', endsAt: null, ask: false }
  const entries = [{ kind: 'network', target: network.network, xid: position.xmax }] as const
  engine.follower.push(answer(position.xmax + 1, { entries, networks: [network] }), position)
  engine.onEnded(one.id, () => {}, { ip: '192.0.2.1' })
  engine.onEnded(two.id, () => {}, { ip: '203.0.113.9' })
  await settled()
  expect(transport.asked).toEqual([[{ id: two.id, ip: '203.0.113.9' }]])
})

it('S-16 what could not be asked is asked again', async () => {
  const { engine, transport, hear, clock } = await started()
  const whenEnded = vi.fn()
  engine.onEnded(one.id, whenEnded)
  transport.over = unplugged
  await hear('session', one.id)
  transport.over = async (watched) => watched.map(({ id }) => ({ id, reason: 'blocked' as const }))
  await clock.advance(300)
  expect(whenEnded).toHaveBeenCalledWith('blocked')
})

it('everybody is asked about after a start anew, and once the lease is back', async () => {
  const { engine, transport, clock } = await started()
  engine.onEnded(one.id, () => {})
  await clock.advance(1_000)
  const { poll } = transport
  const before = transport.asked.length
  transport.poll = async () => answer(3, { anew: true, networks: [] })
  await clock.advance(500)
  expect(transport.asked.length).toBeGreaterThan(before)
  transport.poll = unplugged
  await clock.advance(4_000)
  const cutOff = transport.asked.length
  transport.poll = poll
  await clock.advance(2_000)
  expect(transport.asked.length).toBeGreaterThan(cutOff)
})

it('S-16 connections end as unavailable when nobody could tell for as long as was said', async () => {
  const { engine, transport, clock } = await started({ endAfterUnavailableMs: 10_000 })
  const whenEnded = vi.fn()
  engine.onEnded(one.id, whenEnded)
  transport.poll = transport.over = unplugged
  await clock.advance(10_000)
  expect(whenEnded).not.toHaveBeenCalled()
  await clock.advance(5_000)
  expect(whenEnded).toHaveBeenCalledWith('unavailable')
})

it('a watch that was taken back hears nothing, and nothing of it is kept', async () => {
  const { engine, transport, hear } = await started()
  const whenEnded = vi.fn()
  const stop = engine.onEnded(one.id, whenEnded)
  stop()
  stop()
  transport.over = async (watched) => watched.map(({ id }) => ({ id, reason: 'ended' as const }))
  await hear('session', one.id)
  expect(whenEnded).not.toHaveBeenCalled()
  expect(engine.watching()).toBe(0)
})

describe('no entry of the log says that a time has come', () => {
  const DEADLINE = 60_000

  /** Watched, and remembered with a deadline. Database time is the clock's. */
  async function watched(facts: Partial<Facts>) {
    const { engine, transport, clock, hear } = await started()
    let xmax = 200
    transport.poll = async () => answer(++xmax, { networks: [], nowMs: clock.monotonicMs() })
    transport.load = async () => ({ status: 'known', facts: factsOf(0, facts), networkBlocked: false, ageMs: 0 })
    await clock.advance(1_000)
    engine.forget(one.id)
    await engine.verify(one.text)
    const whenEnded = vi.fn()
    engine.onEnded(one.id, whenEnded)
    await clock.advance(DEADLINE - clock.monotonicMs() - 1)
    expect(transport.asked, 'nothing was asked before').toEqual([])
    return { transport, clock, whenEnded, hear }
  }

  it.each(['expired', 'idle'] as const)(
    'an open connection whose session is %s ends soon all the same',
    async (reason) => {
      const { transport, clock, whenEnded } = await watched({
        [reason === 'idle' ? 'idleDeadline' : 'expiryDeadline']: DEADLINE,
      })
      transport.over = async (watched) => watched.map(({ id }) => ({ id, reason }))
      // Of idleness only after the time that a use takes to be written.
      await clock.advance(reason === 'idle' ? 12_000 : 2_000)
      expect(whenEnded.mock.calls).toEqual([[reason]])
    },
  )

  it('nor does one that was asked about shortly before, for what the log said, go on past its time', async () => {
    const { transport, clock, whenEnded, hear } = await watched({ expiryDeadline: DEADLINE })
    await hear('network', '203.0.113.0/24')
    expect(transport.asked).toHaveLength(1)
    transport.over = async (watched) => watched.map(({ id }) => ({ id, reason: 'expired' }))
    await clock.advance(2_000)
    expect(whenEnded.mock.calls).toEqual([['expired']])
  })

  it('one that is asked about a moment before its session expires in the database ends within seconds of that', async () => {
    const { transport, clock, whenEnded } = await watched({ expiryDeadline: DEADLINE })
    const expiresAt = DEADLINE + 400
    transport.over = async (watched) =>
      clock.monotonicMs() < expiresAt ? [] : watched.map(({ id }) => ({ id, reason: 'expired' as const }))
    await clock.advance(5_000)
    expect(whenEnded.mock.calls).toEqual([['expired']])
  })

  it('one whose session was used elsewhere goes on, and is asked about once a minute from then on', async () => {
    const { transport, clock, whenEnded } = await watched({ idleDeadline: DEADLINE })
    await clock.advance(180_000)
    expect(whenEnded).not.toHaveBeenCalled()
    expect(transport.asked.length).toBeGreaterThanOrEqual(2)
    expect(transport.asked.length).toBeLessThanOrEqual(4)
  })
})

it('a session with very many addresses holds nobody up: each further one waits behind all others', async () => {
  const { engine, transport, hear } = await started()
  const addresses = Array.from({ length: 300 }, (_, n) => `203.0.113.${n % 250}/${n}`)
  for (const ip of addresses) engine.onEnded(one.id, () => {}, { ip })
  engine.onEnded(two.id, () => {}, { ip: '192.0.2.1' })
  await hear('everything', 'everything')
  await vi.waitFor(() => expect(transport.asked).toHaveLength(addresses.length))
  expect(transport.asked[0]?.map(({ id }) => id)).toEqual([one.id, two.id])
  expect(transport.asked.flat().filter(({ id }) => id === one.id)).toEqual(addresses.map((ip) => ({ id: one.id, ip })))

  transport.asked.length = 0
  transport.over = async (watched) => {
    transport.asked.push(watched)
    return watched.map(({ id }) => ({ id, reason: 'ended' as const }))
  }
  await hear('everything', 'everything')
  expect(transport.asked.map((watched) => watched.length)).toEqual([2])
  expect(engine.watching()).toBe(0)
})
