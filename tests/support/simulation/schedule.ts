import fc from 'fast-check'

export type ProcessName = 'n0' | 'n1' | 'n2' | 'a0' | 'a1'

/** What people do: each a transaction that is under way for some time. Accounts and the rest are numbers in `world.ts`. */
export type Act = { takes: number; fate: 'commit' | 'roll back' } & (
  | { do: 'sign in'; account: number; app: number; address: number }
  | { do: 'revoke'; session: number }
  | { do: 'sign out everywhere'; account: number }
  | { do: 'block'; account: number }
  | { do: 'lift'; account: number }
  | { do: 'kill app'; app: number }
  | { do: 'kill everyone' }
  | { do: 'block network'; network: number; forMs: number | null }
  | { do: 'lift network'; network: number }
  | { do: 'policy'; idleMs: number; lifetimeMs: number }
  | { do: 'sweep' }
)

/** What goes wrong. */
export type Fault =
  | { do: 'stop' | 'suspend' | 'cut off' | 'restart' | 'deaf'; process: ProcessName; ms: number }
  | { do: 'leave'; node: 'n0' | 'n1' | 'n2'; ms: number }
  | { do: 'set wall'; process: ProcessName; by: number }
  | { do: 'slow'; ms: number; upToMs: number }
  | { do: 'move'; app: 'a0' | 'a1'; node: number }
  | { do: 'long transaction' | 'cut from standby'; ms: number }
  | { do: 'fail over'; lostMs: number; gapMs: number }
  | { do: 'split'; nodes: ('n0' | 'n1' | 'n2')[]; ms: number }
  | { do: 'restore'; ageMs: number; gapMs: number }
  | { do: 'crash'; gapMs: number }
  | { do: 'prune'; keptMs: number }

/** One history of the world. `seed` decides what the steps leave open: delays, losses, checks. */
export interface Schedule {
  seed: number
  cacheSize: number
  /** App processes ask through a load balancer: each question may meet another node. */
  balanced: boolean
  /** `after`: ms since the one before */
  steps: { after: number; command: Act | Fault }[]
}

const ms = (max: number) => fc.integer({ min: 1, max })
const process = fc.constantFrom<ProcessName>('n0', 'n1', 'n2', 'a0', 'a1')
const account = fc.nat(2)
const app = fc.nat(1)
const network = fc.nat(3)
/** Most transactions are short, and some are not. */
const takes = fc.oneof({ weight: 3, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(3_000) })
const fate = fc.nat(9).map((n): Act['fate'] => (n < 9 ? 'commit' : 'roll back'))

type Kind = (Act | Fault)['do']
type Fields<K extends Kind> = Omit<Extract<Act | Fault, { do: K }>, 'do' | 'takes' | 'fate'>

function act<K extends Act['do']>(weight: number, kind: K, fields: { [F in keyof Fields<K>]: fc.Arbitrary<unknown> }) {
  return { weight, arbitrary: fc.record({ do: fc.constant(kind), takes, fate, ...fields }) as fc.Arbitrary<unknown> }
}

function fault<K extends Fault['do']>(
  weight: number,
  kind: K,
  fields: { [F in keyof Fields<K>]: fc.Arbitrary<unknown> },
) {
  return { weight, arbitrary: fc.record({ do: fc.constant(kind), ...fields }) as fc.Arbitrary<unknown> }
}

const command = fc.oneof(
  act(8, 'sign in', { account, app, address: fc.nat(3) }),
  act(12, 'revoke', { session: fc.nat(9) }),
  act(4, 'sign out everywhere', { account }),
  act(4, 'block', { account }),
  act(4, 'lift', { account }),
  act(2, 'kill app', { app }),
  act(2, 'kill everyone', {}),
  act(6, 'block network', { network, forMs: fc.option(fc.integer({ min: 500, max: 8_000 })) }),
  act(4, 'lift network', { network }),
  act(5, 'policy', {
    idleMs: fc.constantFrom(3_000, 3_000, 30_000),
    lifetimeMs: fc.constantFrom(6_000, 9_000, 60_000),
  }),
  act(2, 'sweep', {}),
  fault(4, 'stop', { process, ms: ms(7_000) }),
  fault(6, 'suspend', { process, ms: ms(7_000) }),
  fault(2, 'set wall', { process, by: fc.integer({ min: -20_000, max: 20_000 }) }),
  fault(7, 'cut off', { process, ms: ms(7_000) }),
  fault(6, 'slow', { ms: ms(5_000), upToMs: ms(6_000) }),
  fault(3, 'restart', { process, ms: ms(1_000) }),
  fault(2, 'leave', { node: fc.constantFrom('n0', 'n1', 'n2'), ms: ms(1_000) }),
  fault(6, 'move', { app: fc.constantFrom('a0', 'a1'), node: fc.nat(2) }),
  fault(3, 'deaf', { process, ms: ms(6_000) }),
  fault(4, 'long transaction', { ms: ms(8_000) }),
  fault(1, 'fail over', { lostMs: fc.oneof(fc.constant(0), ms(3_000)), gapMs: ms(1_000) }),
  fault(1, 'split', { nodes: fc.subarray(['n0', 'n1', 'n2'], { minLength: 1 }), ms: ms(6_000) }),
  fault(1, 'restore', { ageMs: ms(6_000), gapMs: ms(1_000) }),
  fault(1, 'crash', { gapMs: ms(1_000) }),
  fault(1, 'cut from standby', { ms: ms(5_000) }),
  fault(2, 'prune', { keptMs: fc.integer({ min: 100, max: 3_000 }) }),
) as fc.Arbitrary<Act | Fault>

const after = fc.oneof({ weight: 2, arbitrary: fc.nat(60) }, { weight: 3, arbitrary: fc.nat(1_500) })

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer(),
  cacheSize: fc.constantFrom(3, 64),
  balanced: fc.boolean(),
  steps: fc.array(fc.record({ after, command }), { minLength: 1, maxLength: 24, size: 'max' }),
})
