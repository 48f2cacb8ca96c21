import type { OpenDatabase } from '../../db/connect.js'
import { systemClock } from '../../follower/clock.js'
import { createEngine, type Engine } from '../../follower/engine.js'
import { formatSnapshot, isAtOrPast } from '../../follower/snapshot.js'
import type { Answer, Clock, Snapshot, Watched } from '../../follower/types.js'
import type { Over } from '../loadFacts.js'
import { type AppProcess, type AppProcesses, createAppProcesses } from './appProcesses.js'
import { createHeldLog } from './heldLog.js'
import { createSqlTransport } from './sqlTransport.js'

export interface NodeOptions {
  database: OpenDatabase
  id: string
  name: string
  version: string
  leaseMs: number
  cacheSize: number
  onFailure(error: unknown): void
  clock?: Clock
  /** The way to the database; another one where no database is meant. */
  createTransport?: typeof createSqlTransport
}

/** What was pushed: `answer.entries` are what `answer.snapshot` sees and `from` did not. */
export interface Pushed {
  from: Snapshot
  answer: Answer
}

/** The engine of one server process, and what it passes on to the app processes that follow it. */
export interface Node {
  id: string
  name: string
  leaseMs: number
  engine: Engine
  processes: AppProcesses
  /** NOTIFY arrives; false behind a transaction pooler, where only polls make revocations known. */
  readonly nudged: boolean
  /**
   * What an app process polls for, from memory.
   *
   * @throws LeaseOver when this node does not know itself
   */
  answer(after: Snapshot | undefined): Promise<Answer>
  /** Until when memory may decide about a session, in follower time; undefined where it may not: for whoever passes its verdict on. */
  deadlines(sessionId: string): { expiry: number; idle: number } | undefined
  /** Which of an app's sessions are over now, and why: asks the database. To any other app they are `unknown`. */
  over(watched: readonly Watched[], appId: string): Promise<Over[]>
  /** @returns what ends the subscription */
  subscribe(heard: (pushed: Pushed) => void): () => void
  /**
   * An app process tells of itself. What it has applied since it last did is written down for all.
   *
   * @returns whether it has applied nothing since
   * @throws TooManyProcesses where it can't be listed: receipts would be complete without it
   */
  hear(process: Omit<AppProcess, 'seenAt'>): boolean
  /** Resolves with the first poll that counts: before that, nothing is decided from memory. */
  start(): Promise<void>
  /** From here on it trusts no memory, and nobody need wait for it. */
  stop(): Promise<void>
}

/** This node's lease has run out: it can't tell anybody what is true. */
export class LeaseOver extends Error {
  readonly code = 'lease_over'
  constructor() {
    super('this node has lost touch with its database')
  }
}

/** More app processes use one key than are told apart. */
export class TooManyProcesses extends Error {
  readonly code = 'too_many_processes'
  constructor() {
    super('more processes follow with this key than are listed')
  }
}

export function createNode(options: NodeOptions): Node {
  const { database, id, name, version, leaseMs, cacheSize, onFailure, clock = systemClock } = options
  const { createTransport = createSqlTransport } = options
  const processes = createAppProcesses(clock.monotonicMs)
  const heldLog = createHeldLog(clock.monotonicMs)
  const listeners = new Set<(pushed: Pushed) => void>()

  const transport = createTransport({
    open: database,
    node: { id, name, version, leaseMs },
    clock,
    stats: () => engine.stats(),
    apps: describeProcesses,
  })
  const engine: Engine = createEngine({
    transport,
    clock,
    leaseMs,
    cacheSize,
    onApplied(applied) {
      const from = heldLog.newest
      heldLog.add(applied)
      void transport.report(applied.snapshot)
      push(from ?? applied.snapshot, { ...applied, ageMs: engine.follower.age() })
    },
    onFailure,
  })

  function push(from: Snapshot, answer: Answer) {
    const concernsNetworks = answer.anew || answer.entries.some(({ kind }) => kind === 'network' || kind === 'policy')
    const pushed = { from, answer: concernsNetworks ? { ...answer, networks: engine.networks() } : answer }
    for (const heard of [...listeners]) heard(pushed)
  }

  function describeProcesses() {
    const now = clock.monotonicMs()
    return processes.list().map(({ seenAt, position, ...process }) => ({
      ...process,
      position: position ? formatSnapshot(position) : null,
      seenAgoMs: now - seenAt,
    }))
  }

  return {
    id,
    name,
    leaseMs,
    engine,
    processes,
    get nudged() {
      return transport.nudged
    },
    async answer(after) {
      const { follower } = engine
      // Another node has read further: so far this one reads first, or the log that `after` stands for is gone.
      if (after && follower.position && !isAtOrPast(follower.position, after)) await follower.nudge()
      const position = follower.position
      if (!position || follower.leaseLeft() === 0) throw new LeaseOver()
      const base = { snapshot: position, ageMs: follower.age() }
      if (!after) return { ...base, entries: [], anew: false, networks: engine.networks() }
      const entries = isAtOrPast(position, after) ? heldLog.since(after) : undefined
      if (!entries) return { ...base, entries: [], anew: true, networks: engine.networks() }
      const concernsNetworks = entries.some(({ kind }) => kind === 'network' || kind === 'policy')
      return { ...base, entries, anew: false, ...(concernsNetworks ? { networks: engine.networks() } : {}) }
    },
    deadlines(id) {
      // Without a lease follower time may have stood still: nobody can tell how long it is until then.
      const known = engine.follower.leaseLeft() > 0 ? engine.memory.find(id) : undefined
      return known?.counts ? known : undefined
    },
    over: transport.over,
    subscribe(heard) {
      listeners.add(heard)
      return () => listeners.delete(heard)
    },
    hear(process) {
      const before = processes.note(process)
      if (before === 'too many') throw new TooManyProcesses()
      const isNews = !before?.position || !process.position || heldLog.liesBetween(before.position, process.position)
      if (isNews && engine.follower.position) void transport.report(engine.follower.position)
      return (
        before?.position !== undefined && process.position !== undefined && isSame(before.position, process.position)
      )
    },
    async start() {
      await transport.listen((entries) => void engine.follower.nudge(entries))
      await engine.start()
    },
    async stop() {
      engine.stop()
      await transport.leave()
    },
  }
}

const isSame = (one: Snapshot, other: Snapshot) => formatSnapshot(one) === formatSnapshot(other)
