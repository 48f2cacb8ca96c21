import type { Engine } from '../../../src/follower/engine.js'
import type { Answer, CheckRequest, Snapshot, Verdict } from '../../../src/follower/types.js'
import type { SqlRoad, SqlRoadOptions } from './sqlRoad.js'
import { createSqlRoad } from './sqlRoad.js'

export interface Pushed {
  from: Snapshot
  answer: Answer
}

/** What an app process is answered with beside a verdict (`RememberedFor` of wire.ts). */
export interface Checked {
  verdict: Verdict
  ageMs: number
  expiresInMs: number
  idleInMs: number
}

export interface SimulatedNode {
  engine: Engine
  road: SqlRoad
  answer(after: Snapshot | undefined): Promise<Answer>
  check(token: string, request: CheckRequest, position: Snapshot | undefined): Promise<Checked>
  listeners: Set<(pushed: Pushed) => void>
}

/** The real engine and held log over the simulated database; what is between mirrors `src/sessions/node.ts`. */
export function createSimulatedNode(options: SqlRoadOptions & { leaseMs: number; cacheSize: number }): SimulatedNode {
  const { machine, random, planted, modules, leaseMs, cacheSize } = options
  const { isAtOrPast } = modules
  const road = createSqlRoad(options)
  const heldLog = modules.createHeldLog(machine.clock.monotonicMs)
  const listeners = new Set<(pushed: Pushed) => void>()
  const engine = modules.createEngine({
    transport: road,
    clock: machine.clock,
    leaseMs,
    cacheSize,
    random: random.next,
    onApplied(applied) {
      const from = heldLog.newest
      heldLog.add(applied)
      const answer = { ...applied, ageMs: engine.follower.age() }
      const pushed = { from: from ?? applied.snapshot, answer: withNetworks(answer, applied.anew) }
      for (const heard of [...listeners]) heard(pushed)
    },
  })

  function withNetworks(answer: Answer, always: boolean): Answer {
    const concerned = always || answer.entries.some(({ kind }) => kind === 'network' || kind === 'policy')
    return concerned ? { ...answer, networks: engine.networks() } : answer
  }

  return {
    engine,
    road,
    listeners,
    async answer(after) {
      const { follower } = engine
      if (after && follower.position && !isAtOrPast(follower.position, after)) await follower.nudge()
      const position = follower.position
      if (!position || follower.leaseLeft() === 0) throw new Error('this node has lost touch with its database')
      const base = { snapshot: position, ageMs: follower.age(), anew: false }
      if (!after) return withNetworks({ ...base, entries: [] }, true)
      const entries = isAtOrPast(position, after) ? heldLog.since(after) : undefined
      return entries
        ? withNetworks({ ...base, entries }, false)
        : withNetworks({ ...base, anew: true, entries: [] }, true)
    },
    async check(token, request, position) {
      const at = engine.follower.position
      const fromMemory = planted.positionIgnored || !position || (at !== undefined && isAtOrPast(at, position))
      const { verdict, ageMs } = await engine.verifyWithAge(token, fromMemory ? request : { ...request, fresh: true })
      if (verdict.status === 'denied') return { verdict, ageMs, ...NOTHING }
      const now = engine.follower.now()
      const known = engine.deadlines(verdict.session.id)
      if (known) {
        return { verdict, ageMs, expiresInMs: known.expiry - now, idleInMs: known.idle - now }
      }
      return { verdict, ageMs, ...NOTHING }
    },
  }
}

/** Nothing to remember: the next check asks again. */
const NOTHING = { expiresInMs: 0, idleInMs: 0 }
