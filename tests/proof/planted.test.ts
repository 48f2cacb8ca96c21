import { describe, expect, it } from 'vitest'
import { type Bug, plant } from '../support/simulation/plant.js'
import type { Planted } from '../support/simulation/planted.js'
import { prove } from '../support/simulation/prove.js'
import { real } from '../support/simulation/real.js'
import { simulate } from '../support/simulation/simulate.js'

const inEngine: Record<string, Bug> = {
  'a lease that counts from the arrival of the answer': {
    file: 'follower/follower.ts',
    find: 'const confirmed = { sent, ageMs: answer.ageMs }',
    replace: 'const confirmed = { sent: now, ageMs: answer.ageMs }',
  },
  'the age of what a node says, left out of the lease': {
    file: 'follower/lease.ts',
    find: 'leaseMs - lease.ageMs - (',
    replace: 'leaseMs - (',
  },
  'memory that is asked without a lease': {
    file: 'follower/verifier.ts',
    find: 'request.fresh || follower.leaseLeft() === 0',
    replace: 'request.fresh',
  },
  'a wall clock that nobody looks at': {
    file: 'follower/lease.ts',
    find: '<= DISAGREEMENT_MS',
    replace: '<= Number.POSITIVE_INFINITY',
  },
  'S-14 a load that is kept though a revocation overtook it': {
    file: 'follower/memory.ts',
    find: 'const stale = this.#isStale(load, facts)',
    replace: 'const stale = false',
  },
  'a load whose age at the node does not count': {
    file: 'follower/verifier.ts',
    find: "(loaded.status === 'unknown' ? 0 : loaded.ageMs)",
    replace: '0',
  },
  'idle that memory decides by refusing': {
    file: 'follower/memory.ts',
    find: 'if (now >= (floats[half + EXPIRY_DEADLINE / 2] as number)',
    replace: `if (now >= (floats[half + IDLE_DEADLINE / 2] as number)) return DENIED.idle
    if (now >= (floats[half + EXPIRY_DEADLINE / 2] as number)`,
  },
  'idle that memory never asks about': {
    file: 'follower/memory.ts',
    find: ' || now >= (floats[half + IDLE_DEADLINE / 2] as number))',
    replace: ')',
  },
  'expiry that memory never asks about': {
    file: 'follower/memory.ts',
    find: 'now >= (floats[half + EXPIRY_DEADLINE / 2] as number) || ',
    replace: '',
  },
  'a first position that is no start anew': {
    file: 'follower/follower.ts',
    find: 'const isStart = anew || !position',
    replace: 'const isStart = anew',
  },
  'an era that does not count': {
    file: 'follower/snapshot.ts',
    find: 'if (a.era !== b.era) return false',
    replace: '',
  },
  'a push that moves the position over a gap': {
    file: 'follower/follower.ts',
    find: 'if (isAtOrPast(position, from) && !hasEnds)',
    replace: 'if (!hasEnds)',
  },
  'a block that a push ends late': {
    file: 'follower/follower.ts',
    find: ' && !hasEnds)',
    replace: ')',
  },
  'an older list of networks in the place of the newer one': {
    file: 'follower/follower.ts',
    find: 'if (networks && !isOvertaken)',
    replace: 'if (networks)',
  },
  'a block of a network that ends by a clock that is ahead': {
    file: 'follower/networks.ts',
    find: 'endsAt + unsureMs <= now',
    replace: 'endsAt <= now',
  },
  'an account whose end does not reach what is remembered of it': {
    file: 'follower/memory.ts',
    find: 'return stamp >= this.#accounts.get(account, MARK) >>> 0',
    replace: 'return account >= 0',
  },
  'a network that says nothing about sessions without an address': {
    file: 'follower/memory.ts',
    find: '>= this.#networkMark ? false',
    replace: '>= 0 ? false',
  },
  'connections that the log does not reach': {
    file: 'follower/watchers.ts',
    find: "else if (kind === 'account') ask(concernedBy(target))",
    replace: "else if (kind === 'account') continue",
  },
  'connections from elsewhere that a refused network ends too': {
    file: 'follower/watchers.ts',
    find: "if (reason === 'network-blocked' && one.ip !== asked) continue",
    replace: '',
  },
  'a node that is behind and says nothing of it': {
    file: 'sessions/node.ts',
    find: 'const entries = isAtOrPast(position, after) ? heldLog.since(after) : undefined',
    replace: 'const entries = heldLog.since(after) ?? []',
  },
  'a node that answers without a lease': {
    file: 'sessions/node.ts',
    find: 'if (!position || follower.leaseLeft() === 0) throw new LeaseOver()',
    replace: 'if (!position) throw new LeaseOver()',
  },
  'deadlines that are told without a lease': {
    file: 'follower/engine.ts',
    find: 'follower.leaseLeft() > 0 ? memory.deadlines(id) : undefined',
    replace: 'memory.deadlines(id)',
  },
  'refusals that are remembered for two seconds': {
    file: 'follower/verifier.ts',
    find: 'Math.min(REFUSED_FOR_MS, leaseMs / 2)',
    replace: '2_000',
  },
  'a log that is passed on from where it is not held': {
    file: 'sessions/heldLog.ts',
    find: 'if (!floor || !isAtOrPast(position, floor)) return undefined',
    replace: '',
  },
}

const around: Record<string, Planted> = {
  'ids in the place of the horizon': { idOrder: true },
  'a touch that revives': { touchRevives: true },
  'an app process that keeps the answer of a node behind it': { positionIgnored: true },
  'a load that does not say what was applied': { positionNotSent: true },
  'a database that was set back, unnoticed': { pastNotAsked: true, eraOfTimeline: true },
  'an era that is the same after a backup was restored': { eraOfTimeline: true },
  'a primary that was replaced, and is still asked': { unfencedPrimary: true },
  'a log that was removed up to beyond the position': { removalIgnored: true },
}

const MOST = 20_000

describe('the simulation finds', () => {
  for (const [name, bug] of Object.entries(inEngine)) {
    it(name, async () => expectFound(name, [bug], {}), 600_000)
  }
  for (const [name, planted] of Object.entries(around)) {
    it(name, async () => expectFound(name, [], planted), 600_000)
  }
})

async function expectFound(name: string, bugs: Bug[], planted: Planted) {
  const modules = await plant(name, bugs)
  const { played, failure, found } = await prove({ modules, planted, schedules: MOST, seed: 1, shrink: false })
  console.log(`  ${name}: ${failure ? `found after ${played}: ${failure.split('\n')[0]}` : `not found in ${played}`}`)
  expect(failure, `not found in ${played} schedules`).toBeDefined()
  expect(found && (await simulate(found, real)), 'the same schedule, with nothing planted').toBeUndefined()
}
