import type { Entry, Snapshot } from '../../../src/follower/types.js'
import { createFollowerRows, type FollowerRows } from './followerRows.js'
import type { Modules } from './modules.js'
import type { Planted } from './planted.js'
import type { Random } from './random.js'
import type { Timeline } from './timeline.js'
import { firstState, type LogRow, type State } from './world.js'

/** What an act changes, and what it tells the log. Decided on what it read when it began, done to what is there when it commits. */
export type Change = (state: State, at: number) => { state: State; entries: Pick<LogRow, 'kind' | 'target'>[] }

/** One PostgreSQL: transactions that take their id before they commit, and snapshots as `pg_current_snapshot` gives them. */
export interface Server {
  readonly era: string
  /** Changes when it starts, and when it recovers from a crash. */
  readonly run: string
  readonly isUp: boolean
  readonly state: State
  snapshot(): Snapshot
  /** @returns what commits it; nobody sees it before. `committed` is called once it is durable. */
  begin(): Transaction
  /** Of a node: when it was last committed. */
  beatOf(node: string): number | undefined
  readonly followers: FollowerRows
}

export interface Transaction {
  readonly xid: number
  commit(change: Change | undefined, committed?: () => void): void
  rollBack(): void
  /** A node's heartbeat, with the commit. */
  beat?: { node: string; at: number }
  /** What else becomes visible then. */
  tells?: (followers: FollowerRows) => void
}

export interface Database {
  /** Who takes new connections. */
  readonly primary: Server
  /** Whom a node is connected to: for a while that may be one that is not the primary any more. */
  serverFor(node: string): Server
  /** What was committed when, as the world has to see it. */
  readonly history: readonly { from: number; state: State }[]
  /** Commits hang; what was read can still be read. */
  cutFromStandby(ms: number): void
  /** The standby takes over. @param lostMs so much of what was committed last is gone; 0: it was synchronous */
  failOver(lostMs: number, gapMs: number): void
  /**
   * The standby takes over while the old primary runs on, cut off from it: nothing can be committed there, but everything
   * could be read, by the nodes that are still connected to it, if it were not fenced.
   */
  split(nodes: readonly string[], ms: number): void
  /** The files of some time ago are put in place. */
  restore(ageMs: number, gapMs: number): void
  /** Ids that left no trace are given out again. */
  crash(gapMs: number): void
  /** Removes what is older from the log. */
  prune(keptMs: number): void
  heal(): void
  /** After each commit that appended to the log. */
  onAppended(heard: (entries: readonly Entry[]) => void): void
}

interface Mark {
  at: number
  nextXid: number
}

export function createDatabase(timeline: Timeline, random: Random, planted: Planted): Database {
  const history: { from: number; state: State }[] = [{ from: Number.NEGATIVE_INFINITY, state: firstState() }]
  const listeners: ((entries: readonly Entry[]) => void)[] = []
  let eras = 1
  let runs = 0
  let healed = false
  let deposed: { server: RunningServer; nodes: readonly string[] } | undefined
  let standbyCutUntil = 0
  let primary = createServer({
    system: 'system.1',
    state: firstState(),
    nextXid: 100,
    beats: [],
    marks: [],
    followers: createFollowerRows(),
  })

  interface Origin {
    /** Identity and timeline. */
    system: string
    state: State
    nextXid: number
    beats: { node: string; at: number }[]
    marks: Mark[]
    followers: FollowerRows
  }

  interface RunningServer extends Server {
    origin(until: number): Origin
    stop(): void
    /** From here on no commit is ever answered. */
    depose(): void
    flushHanging(): void
  }

  function createServer(origin: Origin): RunningServer {
    const running = new Set<number>()
    const hanging: (() => void)[] = []
    const beats = [...origin.beats]
    const marks: Mark[] = [...origin.marks, { at: timeline.now, nextXid: origin.nextXid }]
    const run = `run${++runs}`
    const era = planted.eraOfTimeline ? origin.system : `${origin.system}.${run}`
    const followers = origin.followers.copy()
    let { state, nextXid } = origin
    let completedTo = nextXid - 1
    let isUp = true
    let isDeposed = false

    const complete = (xid: number) => {
      running.delete(xid)
      completedTo = Math.max(completedTo, xid)
    }

    function begin(): Transaction {
      const xid = nextXid++
      running.add(xid)
      marks.push({ at: timeline.now, nextXid })
      const transaction: Transaction = {
        xid,
        commit(change, committed) {
          const done = () => {
            if (!isUp || !running.has(xid)) return
            complete(xid)
            if (transaction.beat) beats.push(transaction.beat)
            transaction.tells?.(followers)
            if (change) apply(change, xid)
            committed?.()
          }
          if (isDeposed || timeline.now < standbyCutUntil) hanging.push(done)
          else done()
        },
        rollBack() {
          if (isUp && running.has(xid)) complete(xid)
        },
      }
      return transaction
    }

    function apply(change: Change, xid: number) {
      const changed = change(state, timeline.now)
      state = changed.state
      const rows = changed.entries.map((entry) => ({ ...entry, xid, at: timeline.now }))
      if (rows.length > 0) state = { ...state, log: [...state.log, ...rows] }
      history.push({ from: timeline.now, state })
      if (rows.length > 0) for (const heard of listeners) heard(rows)
    }

    return {
      era,
      run,
      followers,
      get isUp() {
        return isUp
      },
      get state() {
        return state
      },
      snapshot() {
        const xmax = completedTo + 1
        const xip = [...running].filter((xid) => xid < xmax).sort((a, b) => a - b)
        return { era, xmin: xip[0] ?? xmax, xmax, xip }
      },
      begin,
      beatOf(node) {
        return beats.findLast((beat) => beat.node === node)?.at
      },
      origin: (until) => ({
        system: origin.system,
        state: history.findLast(({ from }) => from <= until)?.state ?? firstState(),
        nextXid: marks.findLast(({ at }) => at <= until)?.nextXid ?? 100,
        beats: beats.filter(({ at }) => at <= until),
        marks: marks.filter(({ at }) => at <= until),
        followers,
      }),
      stop() {
        isUp = false
      },
      depose() {
        isDeposed = true
      },
      flushHanging() {
        if (isDeposed) return
        for (const done of hanging.splice(0)) done()
      },
    }
  }

  /** The old one is gone before the new one takes over: one primary at a time. */
  function replace(origin: () => Origin, gapMs: number) {
    const old = primary
    if (!old.isUp) return
    const next = origin()
    old.stop()
    timeline.after(gapMs, () => {
      primary = createServer(next)
      history.push({ from: timeline.now, state: next.state })
    })
  }

  return {
    get primary() {
      return primary
    },
    serverFor: (node) => (deposed?.server.isUp && deposed.nodes.includes(node) ? deposed.server : primary),
    history,
    cutFromStandby(ms) {
      if (healed) return
      standbyCutUntil = Math.max(standbyCutUntil, timeline.now + ms)
      timeline.after(ms, () => {
        if (timeline.now >= standbyCutUntil) primary.flushHanging()
      })
    },
    failOver(lostMs, gapMs) {
      replace(() => ({ ...primary.origin(timeline.now - lostMs), system: `system.${++eras}` }), gapMs)
    },
    split(nodes, ms) {
      const old = primary
      if (!old.isUp || deposed?.server.isUp) return
      old.depose()
      deposed = { server: old, nodes }
      primary = createServer({ ...old.origin(timeline.now), system: `system.${++eras}` })
      // Fencing: what the guarantee rests on where an old primary could still be read.
      if (planted.unfencedPrimary) timeline.after(ms, () => old.stop())
      else old.stop()
    },
    restore(ageMs, gapMs) {
      replace(() => primary.origin(timeline.now - ageMs), gapMs)
    },
    crash(gapMs) {
      replace(() => {
        const origin = primary.origin(timeline.now)
        const { xmax } = primary.snapshot()
        return { ...origin, nextXid: xmax + random.int(origin.nextXid - xmax + 1) }
      }, gapMs)
    },
    prune(keptMs) {
      const { log, removedTo } = primary.state
      // What is above the horizon may hide something older that is still under way: a position tells of it by its own.
      const { xmin } = primary.snapshot()
      const gone = log.filter(({ at, xid }) => at < timeline.now - keptMs && xid < xmin)
      if (gone.length === 0) return
      primary.begin().commit((state) => ({
        state: {
          ...state,
          log: state.log.filter((row) => !gone.includes(row)),
          removedTo: Math.max(removedTo ?? 0, ...gone.map(({ xid }) => xid)),
        },
        entries: [],
      }))
    },
    heal() {
      healed = true
      standbyCutUntil = 0
      deposed?.server.stop()
      primary.flushHanging()
    },
    onAppended: (heard) => void listeners.push(heard),
  }
}

/** As `readLog.ts` decides it: entries may be missing between the two snapshots. */
export interface Known {
  run?: string
  beatAt?: number
  sure?: Snapshot
}

export function isUncertain(
  server: Server,
  node: string,
  after: Snapshot,
  present: Snapshot,
  known: Known,
  { modules: { isAtOrPast }, planted }: { modules: Modules; planted: Planted },
): boolean {
  const wasSetBack =
    !isAtOrPast(present, after) ||
    (known.beatAt !== undefined && (server.beatOf(node) ?? Number.NEGATIVE_INFINITY) < known.beatAt) ||
    (known.run !== undefined && known.run !== server.run && !(known.sure && isAtOrPast(known.sure, after)))
  if (wasSetBack && !planted.pastNotAsked) return true
  const { removedTo } = server.state
  return removedTo !== undefined && removedTo >= after.xmin && !planted.removalIgnored
}
