import type { Bug } from './plant.js'

/** Rules of the engine, each broken in a way that the simulation must find (`npm run proof:planted`). */
export const BUGS: Record<string, Bug> = {
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
    find: '!request.fresh && follower.leaseLeft() > 0',
    replace: '!request.fresh',
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
  'idle that is kept before it is final': {
    file: 'follower/memory.ts',
    find: ' && !facts.unsure',
    replace: '',
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
    find: 'return stamp >= this.#accountMark || stamp >= this.#accounts.get(ints[base + ACCOUNT] as number, MARK) >>> 0',
    replace: 'return true',
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
    file: 'sessions/log/node.ts',
    find: 'const entries = isAtOrPast(position, after) ? heldLog.since(after) : undefined',
    replace: 'const entries = heldLog.since(after) ?? []',
  },
  'a node that answers without a lease': {
    file: 'sessions/log/node.ts',
    find: 'if (!position || follower.leaseLeft() === 0) throw new LeaseOver()',
    replace: 'if (!position) throw new LeaseOver()',
  },
  'deadlines that are told without a lease': {
    file: 'sessions/log/node.ts',
    find: 'engine.follower.leaseLeft() > 0 ? engine.memory.find(id) : undefined',
    replace: 'engine.memory.find(id)',
  },
  'refusals that are remembered for two seconds': {
    file: 'follower/verifier.ts',
    find: 'Math.min(REFUSED_FOR_MS, leaseMs / 2)',
    replace: '2_000',
  },
  'a log that is passed on from where it is not held': {
    file: 'sessions/log/heldLog.ts',
    find: 'if (!floor || !isAtOrPast(position, floor)) return undefined',
    replace: '',
  },
  'a receipt that is green before app processes have it': {
    file: 'sessions/receipts/tally.ts',
    find: 'for (const app of seen.apps) countOne(app, now, asked)',
    replace: '',
  },
}
