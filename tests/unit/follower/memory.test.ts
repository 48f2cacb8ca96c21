import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Memory } from '../../../src/follower/memory.js'
import { createNetworks } from '../../../src/follower/networks.js'
import { TOKEN_WORDS } from '../../../src/follower/token.js'
import type { Entry, Facts, Verdict } from '../../../src/follower/types.js'
import { ACCOUNTS, APPS, factsOf, TOKENS, type Token } from '../../support/factsOf.js'

const words = new Int32Array(TOKEN_WORDS)

function aMemory(capacity = 100) {
  const networks = createNetworks(2_000)
  networks.replace([])
  return new Memory(capacity, networks)
}

function check(memory: Memory, { text }: Pick<Token, 'text'>, now = 0): Verdict | 'ask' {
  return memory.read(text, words) ? memory.check(text, words, {}, now) : { status: 'denied', reason: 'unknown' }
}

const keep = (memory: Memory, facts: Facts) => memory.keep(memory.begin(), facts, true)
const entry = (kind: Entry['kind'], target: string): Entry => ({ kind, target, xid: 1 })
const [one, two, three] = TOKENS as [Token, Token, Token, ...Token[]]

describe('memory', () => {
  it('asks again about a session without an address once another network is refused', () => {
    const memory = aMemory()
    memory.networks.replace([{ network: '203.0.113.0/24', endsAt: null, ask: false }])
    keep(memory, factsOf(0))
    expect(check(memory, one)).toMatchObject({ status: 'active' })
    memory.apply(entry('network', '198.51.100.0/24'))
    expect(check(memory, one)).toBe('ask')
  })

  it('hands out nothing that whoever has it could change for the next one', () => {
    const memory = aMemory()
    keep(memory, factsOf(0))
    const verdicts = [1, 2, 3].map(() => check(memory, one))
    const [, second, third] = verdicts as Extract<Verdict, { status: 'active' }>[]
    expect(second).toBe(third)
    for (const part of [second, second?.session, second?.account]) expect(Object.isFrozen(part)).toBe(true)
  })

  it('gives back what it was told, names of any kind included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(7), fc.string({ unit: 'grapheme', maxLength: 80 })), { maxLength: 30 }),
        (loads) => {
          const memory = aMemory()
          const model = new Map<string, Facts>()
          for (const [n, name] of loads) {
            const facts = factsOf(n, {
              account: {
                id: ACCOUNTS[n % 3] as string,
                name,
                email: n % 2 ? `${name}@example.com` : null,
                role: 'person',
              },
            })
            keep(memory, facts)
            model.set(facts.id, facts)
            // An account's name stands once: the newest load knows it best.
            for (const other of model.values()) if (other.account.id === facts.account.id) other.account = facts.account
          }
          for (const facts of model.values()) {
            const verdict = check(memory, TOKENS.find(({ id }) => id === facts.id) as Token)
            expect(verdict).toMatchObject({
              status: 'active',
              account: facts.account,
              session: { id: facts.id, appId: facts.appId },
            })
          }
          expect(memory.sessions).toBe(model.size)
          expect(memory.accounts).toBe(new Set([...model.values()].map(({ account }) => account.id)).size)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('agrees with a plain model over any history of loads, entries, evictions and starts anew', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('load' as const), n: fc.nat(7) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('check' as const), n: fc.nat(7) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('session' as const), n: fc.nat(7) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('account' as const, 'app' as const), n: fc.nat(2) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constantFrom('everything' as const, 'policy' as const, 'key' as const, 'clear' as const),
          n: fc.nat(2),
        }),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 6 }), (history, capacity) => {
        const memory = aMemory(capacity)
        /** Newest use last; what an entry ended stays in its place until it is loaded anew. `named`: by its own id. */
        let model: { n: number; counts: boolean; named: boolean }[] = []
        const endIf = (concerned: (n: number) => boolean) => {
          for (const row of model) if (concerned(row.n)) row.counts = false
        }
        for (const { do: what, n } of history) {
          if (what === 'load') {
            const known = model.some((row) => row.n === n)
            model = model.filter((row) => row.n !== n)
            if (!known && model.length >= capacity) model.shift()
            model.push({ n, counts: true, named: false })
            keep(memory, factsOf(n))
          } else if (what === 'check') {
            const row = model.find((other) => other.n === n)
            const verdict = check(memory, TOKENS[n] as Token)
            expect(verdict === 'ask').toBe(!row?.counts)
            expect(verdict !== 'ask' && verdict.status === 'denied').toBe(row?.counts === true && row.named)
            if (row?.counts && !row.named) model = [...model.filter((other) => other !== row), row]
          } else if (what === 'clear') {
            memory.clear()
            memory.networks.replace([])
            model = []
          } else if (what === 'session') {
            memory.apply(entry('session', TOKENS[n]?.id ?? ''))
            const row = model.find((other) => other.n === n)
            model = model.filter((other) => other !== row)
            // The first to make room, named again too.
            if (row?.counts) model.unshift({ ...row, named: true })
          } else if (what === 'account' || what === 'app') {
            memory.apply(entry(what, (what === 'account' ? ACCOUNTS[n] : APPS[n]) ?? 'none'))
            endIf((other) => (what === 'account' ? other % 3 : other % 2) === n)
          } else {
            memory.apply(entry(what, ''))
            if (what !== 'key') endIf(() => true)
          }
          expect(memory.sessions).toBe(model.length)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('has no more entries than it was made for; the one that was not asked for longest makes room', () => {
    const memory = aMemory(2)
    keep(memory, factsOf(0))
    keep(memory, factsOf(1))
    check(memory, one)
    keep(memory, factsOf(2))
    expect(memory.sessions).toBe(2)
    expect(memory.evicted).toBe(1)
    expect([one, two, three].map((token) => check(memory, token) === 'ask')).toEqual([false, true, false])
  })

  it('of many, what is used once while half as many come stays, and what is not goes first', () => {
    const capacity = 5_000
    const memory = aMemory(capacity)
    const idOf = (n: number) => `0193c000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
    const come = (n: number) => keep(memory, { ...factsOf(2), id: idOf(n) })
    keep(memory, factsOf(0))
    keep(memory, factsOf(1))
    for (let n = 0; n < 4 * capacity; n++) {
      come(n)
      if (n % (capacity / 2 - 1) === 0) expect(check(memory, one)).toMatchObject({ status: 'active' })
    }
    expect(check(memory, one)).toMatchObject({ status: 'active' })
    expect(check(memory, two)).toBe('ask')
    expect(memory.find(idOf(4 * capacity - 1))).toBeDefined()
    expect(memory.find(idOf(0))).toBeUndefined()
    expect(memory.sessions).toBe(capacity)
  })

  for (const [what, target] of [
    ['session', one.id],
    ['account', ACCOUNTS[0]],
    ['app', APPS[0]],
    ['everything', 'everything'],
    ['policy', 'timeouts'],
  ] as const) {
    it(`S-14 a load that an entry about its ${what} overtook is not kept`, () => {
      const memory = aMemory()
      const load = memory.begin()
      memory.apply(entry(what, target ?? ''))
      expect(memory.keep(load, factsOf(0), true)).toBe(false)
      expect(check(memory, one)).toBe('ask')
    })

    it(`S-14 and one that came first ends with an entry about its ${what}`, () => {
      const memory = aMemory()
      keep(memory, factsOf(0))
      expect(check(memory, one)).toMatchObject({ status: 'active' })
      memory.apply(entry(what, target ?? ''))
      // An entry about a session says that it is over; all others may leave it alone.
      expect(check(memory, one)).toEqual(what === 'session' ? { status: 'denied', reason: 'ended' } : 'ask')
      expect(memory.find(one.id)?.counts).toBe(false)
    })
  }

  it('S-15 why a session is over that the log named after its own deadline, the database is asked', () => {
    const memory = aMemory()
    keep(memory, factsOf(0, { idleDeadline: 5_000 }))
    memory.apply(entry('session', one.id))
    expect(check(memory, one, 4_999)).toEqual({ status: 'denied', reason: 'ended' })
    expect(check(memory, one, 5_000)).toBe('ask')
  })

  it('S-14 so are all loads that more entries overtook than are told apart, and what is kept of those is bounded', () => {
    const memory = aMemory()
    const load = memory.begin()
    for (let n = 0; n < 10_000; n++) memory.apply(entry('session', `another ${n}`))
    expect(memory.keep(memory.begin(), factsOf(1), true)).toBe(true)
    memory.apply(entry('session', 'one more'))
    expect(memory.keep(load, factsOf(0), true)).toBe(false)
    expect(memory.keep(memory.begin(), factsOf(0), true)).toBe(true)
  })

  it('S-14 a load from before a start anew is not kept', () => {
    const memory = aMemory()
    const load = memory.begin()
    memory.clear()
    expect(memory.keep(load, factsOf(0), true)).toBe(false)
    expect(memory.sessions).toBe(0)
  })

  it('S-14 of two loads at once the one that began later is kept, whichever comes last', () => {
    const memory = aMemory()
    const first = memory.begin()
    memory.apply(entry('session', two.id))
    const second = memory.begin()
    memory.keep(second, factsOf(0, { idleTimeoutMs: 2_000 }), true)
    memory.keep(first, factsOf(0, { idleTimeoutMs: 1_000 }), true)
    expect(check(memory, one)).toMatchObject({ session: { idleTimeoutMs: 2_000 } })
  })

  it('S-05 a wrong secret for a known id is refused, counted, and ends nothing', () => {
    const memory = aMemory()
    keep(memory, factsOf(0))
    expect(check(memory, { text: one.wrong })).toEqual({ status: 'denied', reason: 'unknown' })
    expect(memory.wrongSecrets).toBe(1)
    expect(check(memory, one)).toMatchObject({ status: 'active' })
  })

  it('S-01 once a secret was proven, no other one passes, nor another spelling that packs to the same bytes', () => {
    const memory = aMemory()
    keep(memory, factsOf(0))
    for (let n = 0; n < 3; n++) expect(check(memory, one)).toMatchObject({ status: 'active' })
    expect(check(memory, { text: one.wrong })).toEqual({ status: 'denied', reason: 'unknown' })
    const secretAt = 'rcs_'.length + 22
    for (let at = secretAt; at < one.text.length; at++) {
      const [before, code, next, after] = [
        one.text.slice(0, at),
        one.text.charCodeAt(at),
        one.text.charCodeAt(at + 1),
        one.text.slice(at + 2),
      ]
      for (const text of [
        `${before}${String.fromCharCode(code ^ 1)}${one.text.slice(at + 1)}`,
        `${before}${String.fromCharCode(code | (next << 8))}\0${after}`,
        `${before}${String.fromCharCode(code | 0x100)}${one.text.slice(at + 1)}`,
      ].filter((text) => text.length === one.text.length))
        expect(check(memory, { text }), text).toEqual({ status: 'denied', reason: 'unknown' })
    }
    expect(check(memory, one)).toMatchObject({ status: 'active' })
  })

  it('S-01 a session that is loaded anew with another secret is not good by the one before', () => {
    const memory = aMemory()
    keep(memory, factsOf(0))
    expect(check(memory, one)).toMatchObject({ status: 'active' })
    keep(memory, { ...factsOf(0), secretHash: factsOf(1).secretHash })
    expect(check(memory, one)).toEqual({ status: 'denied', reason: 'unknown' })
  })

  it('asks past a deadline, and says that a session is idle only where that is final', () => {
    const memory = aMemory()
    keep(memory, factsOf(0, { idleDeadline: 5_000, expiryDeadline: 9_000 }))
    expect(check(memory, one, 4_999)).toMatchObject({ status: 'active' })
    expect(check(memory, one, 5_000)).toBe('ask')
    expect(keep(memory, factsOf(1, { over: 'idle', unsure: true }))).toBe(true)
    expect(check(memory, two)).toBe('ask')
    keep(memory, factsOf(1, { over: 'idle', unsure: false }))
    expect(check(memory, two)).toEqual({ status: 'denied', reason: 'idle' })
  })

  it('a use begins the idle time anew, and only that', () => {
    const memory = aMemory()
    keep(memory, factsOf(0, { idleDeadline: 5_000, idleTimeoutMs: 4_000, expiryDeadline: 7_000 }))
    memory.read(one.text, words)
    memory.check(one.text, words, { use: true }, 4_000)
    expect(check(memory, one, 6_999)).toMatchObject({ status: 'active' })
    expect(check(memory, one, 7_000)).toBe('ask')
  })

  it('S-38 to another app a session is unknown', () => {
    const memory = aMemory()
    keep(memory, factsOf(0))
    memory.read(one.text, words)
    expect(memory.check(one.text, words, { appId: APPS[1] }, 0)).toEqual({ status: 'denied', reason: 'unknown' })
    expect(memory.check(one.text, words, { appId: APPS[0] }, 0)).toMatchObject({ status: 'active' })
  })
})
