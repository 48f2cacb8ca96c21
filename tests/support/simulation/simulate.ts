import type { Engine } from '../../../src/follower/engine.js'
import { TOKEN_WORDS } from '../../../src/follower/token.js'
import type { CheckRequest, Entry, Verdict } from '../../../src/follower/types.js'
import { changeOf } from './acts.js'
import { type Change, createDatabase, type Transaction } from './database.js'
import { createGreens, endedBetween } from './greens.js'
import { createHttpRoad, follow } from './httpRoad.js'
import { createMachine, type Machine } from './machine.js'
import type { Modules } from './modules.js'
import { createNetwork } from './network.js'
import { createSimulatedNode, type SimulatedNode } from './node.js'
import type { Planted } from './planted.js'
import { createRandom, type Random } from './random.js'
import type { Act, Fault, ProcessName, Schedule } from './schedule.js'
import { createTimeline } from './timeline.js'
import { createTruth } from './truth.js'
import { ADDRESSES, APPS, TOKENS, type Token } from './world.js'

export const LEASE_MS = 2_000
/** How far clocks may disagree unnoticed: once on a node, and once more in an app process that rests on what it says. */
const CLOCKS_MS = { node: 110, app: 220 }
/** From the end of all faults on: what was restarting is there, what was asked is given up, what failed is tried again. */
const HEALING_MS = 3_200
/** Then everything has to be right for so long. */
const WELL_MS = 1_300
/** While things fail: a refusal may be as old as an answer that was long under way, and then be remembered. */
const OLDEST_REFUSAL_MS = 3 * LEASE_MS + 500
/** Beyond any schedule. */
const LONGEST_MS = 600_000
const TO_END_CONNECTIONS_MS = 1_500
const TOUCHES_MS = 3_000

interface Process {
  name: ProcessName
  machine: Machine
  engine: Engine | undefined
  node?: SimulatedNode | undefined
  appId?: string
  peer: number
  unfollow: () => void
  deafUntil: number
  uses: Map<string, { at: number; ip: string }>
  watches: { sessionId: string; ip: string; since: number; life: number }[]
  life: number
  random: Random
}

/**
 * Plays one schedule: three nodes and two app processes, each the real engine, over a simulated database and network.
 *
 * @returns what went wrong, in words; undefined when nothing did
 */
export async function simulate(
  schedule: Schedule,
  modules: Modules,
  planted: Planted = {},
): Promise<string | undefined> {
  // A node's jitter comes from here: the same seed has to give the same history.
  const { random } = Math
  Math.random = createRandom(schedule.seed ^ 0x5eed).next
  try {
    return await play(schedule, modules, planted)
  } finally {
    Math.random = random
  }
}

async function play(schedule: Schedule, modules: Modules, planted: Planted): Promise<string | undefined> {
  const timeline = createTimeline()
  const network = createNetwork(timeline, schedule.seed)
  const database = createDatabase(timeline, createRandom(schedule.seed), planted)
  const greens = createGreens()
  const truth = createTruth(database, () => timeline.now)
  let violation: string | undefined
  /** Clocks that were set, or stood still, may disagree unnoticed. */
  const clocksMs = schedule.steps.some(({ command }) => command.do === 'suspend' || command.do === 'set wall')
    ? CLOCKS_MS.app
    : 0
  let healedAt = Number.POSITIVE_INFINITY
  let signedIn = 0
  let concerned = [0]
  let checks = 0
  const readOnce = new WeakMap<Engine, Map<string, Int32Array>>()

  const processes = (['n0', 'n1', 'n2', 'a0', 'a1'] as const).map(
    (name, index): Process => ({
      name,
      machine: createMachine(name, timeline),
      engine: undefined,
      ...(index > 2 ? { appId: APPS[index - 3] as string } : {}),
      peer: index % 3,
      unfollow: () => {},
      deafUntil: 0,
      uses: new Map(),
      watches: [],
      life: 0,
      random: createRandom(schedule.seed ^ (index + 1)),
    }),
  )
  const nodes = processes.slice(0, 3)
  const apps = processes.slice(3)
  const called = (name: ProcessName) => processes.find((process) => process.name === name) as Process

  function say(what: string) {
    violation ??= `at ${Math.round(timeline.now)} ms: ${what}`
  }

  function boot(process: Process) {
    const { machine } = process
    machine.boot()
    timeline.stir()
    process.life += 1
    process.uses = new Map()
    process.watches = []
    const id = `${process.name} ${process.life}`
    const options = { modules, leaseMs: LEASE_MS, cacheSize: schedule.cacheSize, random: process.random, planted }
    if (process.appId === undefined) {
      process.node = createSimulatedNode({ ...options, id, machine, network, database, timeline })
      process.engine = process.node.node.engine
      for (const app of apps) if (nodes[app.peer] === process) connect(app)
    } else {
      process.engine = modules.createEngine({
        transport: createHttpRoad({
          machine,
          id,
          network,
          modules,
          planted,
          appId: process.appId,
          leaseMs: LEASE_MS,
          peer: () => whoAnswers(process),
        }),
        clock: machine.clock,
        leaseMs: LEASE_MS,
        cacheSize: schedule.cacheSize,
        random: process.random.next,
      })
      connect(process)
    }
    void process.engine.start()
    const flushLater = () => {
      machine.clock.after(TOUCHES_MS, flushLater)
      flush(process)
    }
    flushLater()
    check(process)
  }

  const peerOf = (app: Process, number = app.peer) => {
    const { machine, node } = nodes[number] as Process
    return { machine, node }
  }

  const whoAnswers = (app: Process) =>
    peerOf(app, schedule.balanced && app.random.chance(0.5) ? app.random.int(3) : app.peer)

  function connect(app: Process) {
    app.unfollow()
    app.unfollow = app.engine ? follow(app.machine, network, peerOf(app), app.engine) : () => {}
  }

  function restart(process: Process, ms: number) {
    if (!process.machine.isUp) return
    process.machine.kill()
    process.engine?.stop()
    process.engine = undefined
    process.node = undefined
    timeline.after(ms, () => boot(process))
  }

  /** Stops as it does when it is asked to: it answers nobody any more, says so, and is gone a moment later. */
  function leave(process: Process, ms: number) {
    if (!process.machine.isUp) return
    process.machine.mailbox()(() => {
      process.node?.receipts.stop()
      process.node?.node.stop().catch(() => {})
    })
    const { life } = process
    timeline.after(500, () => process.life === life && restart(process, ms))
  }

  /** Its uses of the last seconds, in one go. What fails is kept for the next time. */
  function flush(process: Process) {
    const road = process.node?.road ?? peerOf(process).node?.road
    const uses = process.uses
    process.uses = new Map()
    const now = process.machine.clock.monotonicMs()
    for (const [id, use] of uses) {
      const keep = () => {
        if (!process.uses.has(id)) process.uses.set(id, use)
      }
      if (road) road.touch(id, use.ip, now - use.at).catch(keep)
      else keep()
    }
  }

  /** Again and again, of whatever session, from wherever. */
  function check(process: Process) {
    const { machine, engine, random } = process
    if (!engine) return
    machine.clock.after(random.between(20, 320), () => check(process))
    const token = pickToken(process)
    if (!token) return
    const guesses = random.chance(0.03)
    const ip = random.chance(0.8) ? random.pick(ADDRESSES) : null
    const request = {
      ...(process.appId ? { appId: process.appId } : {}),
      ip,
      use: ip !== null && random.chance(0.3),
      fresh: random.chance(0.02),
    }
    const text = guesses ? token.wrong : token.text
    const asked = timeline.now
    const verdict = engine.verifyCached(text, request, wordsOf(engine, text))
    if (verdict !== 'ask') heard(process, token.id, request, guesses, verdict, 'from memory', asked)
    else
      void engine
        .verify(text, request)
        .then((answer) => heard(process, token.id, request, guesses, answer, 'asked', asked))
  }

  /** Every second time as it was read at first, as whoever keeps a token does. */
  function wordsOf(engine: Engine, text: string): Int32Array | undefined {
    const known = readOnce.get(engine) ?? new Map<string, Int32Array>()
    readOnce.set(engine, known)
    checks += 1
    const words = known.get(text) ?? new Int32Array(TOKEN_WORDS)
    if (known.has(text)) return checks % 2 ? words : undefined
    if (engine.memory.read(text, words)) known.set(text, words)
    return undefined
  }

  /** Those that something has just happened to are asked for more often, and those of another app seldom. */
  function pickToken({ random, appId }: Process): Token | undefined {
    for (let tries = 0; ; tries++) {
      const token = TOKENS[random.chance(0.5) ? random.pick(concerned) : random.int(signedIn + 1)]
      const row = token && database.primary.state.sessions.get(token.id)
      if (tries === 3 || !row || appId === undefined || row.appId === appId || random.chance(0.05)) return token
    }
  }

  function heard(
    process: Process,
    id: string,
    request: CheckRequest,
    guesses: boolean,
    verdict: Verdict,
    how: string,
    asked: number,
  ) {
    const now = timeline.now
    const ip = request.ip ?? null
    const bound = LEASE_MS + (process.appId ? CLOCKS_MS.app : CLOCKS_MS.node)
    if (verdict.status === 'active') {
      if (guesses) return say(`${process.name} took a wrong secret (${how})`)
      if (process.appId !== undefined && verdict.session.appId !== process.appId)
        return say(`${process.name} accepted ${nameOf(id)}, which belongs to another app (${how})`)
      const greenAt = greens.before(id, asked - clocksMs, database.primary)
      if (greenAt !== undefined)
        return say(
          `${process.name} accepted ${nameOf(id)} (${how}), though a receipt had said at ${Math.round(greenAt)} ms that nobody does`,
        )
      if (!truth.wasEverGood(id, ip, now - bound, now))
        return say(
          `${process.name} accepted ${nameOf(id)} from ${ip} (${how}), which had not been good for ${bound} ms`,
        )
      if (request.use && ip !== null) {
        process.uses.set(id, { at: process.machine.clock.monotonicMs(), ip })
        truth.noteUse(id, now)
      }
      if (process.engine && ip !== null && process.random.chance(0.05)) watch(process, process.engine, id, ip)
      return
    }
    if (guesses) return
    const row = database.primary.state.sessions.get(id)
    if (process.appId !== undefined && row && row.appId !== process.appId) return
    if (verdict.reason === 'unavailable') {
      if (now > healedAt + HEALING_MS)
        say(`${process.name} says that ${nameOf(id)} is unavailable, long after all was healed`)
      return
    }
    const since = now - (now > healedAt + HEALING_MS ? bound + 50 : OLDEST_REFUSAL_MS)
    if (truth.wasAlwaysGood(id, ip, since, now))
      say(
        `${process.name} refused ${nameOf(id)} from ${ip} as ${verdict.reason} (${how}), which had been good for ${Math.round(now - since)} ms`,
      )
  }

  function watch(process: Process, engine: Engine, sessionId: string, ip: string) {
    const one = { sessionId, ip, since: timeline.now, life: process.life }
    process.watches.push(one)
    engine.onEnded(
      sessionId,
      (reason) => {
        process.watches = process.watches.filter((other) => other !== one)
        const since = timeline.now - OLDEST_REFUSAL_MS
        if (truth.wasAlwaysGood(sessionId, ip, since, timeline.now))
          say(`${process.name} ended a connection of ${nameOf(sessionId)} as ${reason}, which is good`)
      },
      { ip },
    )
  }

  /** What it tells of is sometimes left out, as of many entries it is. */
  function nudge(process: Process, entries: readonly Entry[]) {
    if (timeline.now < process.deafUntil || process.random.chance(0.1)) return
    const told = process.random.chance(0.2) ? [] : entries
    timeline.after(process.random.between(0.1, 3), () =>
      process.machine.mailbox()(() => void process.engine?.follower.nudge(told)),
    )
  }

  function perform(command: Act | Fault) {
    switch (command.do) {
      case 'stop':
        return called(command.process).machine.stop(command.ms)
      case 'suspend':
        return called(command.process).machine.suspend(command.ms)
      case 'set wall':
        return called(command.process).machine.setWall(command.by)
      case 'cut off':
        return cutOff(called(command.process), command.ms)
      case 'slow':
        return network.slow(command.ms, command.upToMs)
      case 'leave':
        return leave(called(command.node), command.ms)
      case 'restart':
        return restart(called(command.process), command.ms)
      case 'move':
        called(command.app).peer = command.node
        return connect(called(command.app))
      case 'deaf':
        called(command.process).deafUntil = timeline.now + command.ms
        return
      case 'long transaction': {
        const transaction = database.primary.begin()
        return timeline.after(command.ms, () => transaction.rollBack())
      }
      case 'fail over':
        return database.failOver(command.lostMs, command.gapMs)
      case 'split':
        return database.split(command.nodes, command.ms)
      case 'restore':
        return database.restore(command.ageMs, command.gapMs)
      case 'crash':
        return database.crash(command.gapMs)
      case 'cut from standby':
        return database.cutFromStandby(command.ms)
      case 'prune':
        return database.prune(command.keptMs)
      default:
        return commit(command)
    }
  }

  function cutOff(process: Process, ms: number) {
    if (process.appId === undefined) network.cut(process.name, 'database', ms)
    else for (const node of nodes) network.cut(process.name, node.name, ms)
  }

  function commit(act: Act) {
    if (!database.primary.isUp) return
    const change = changeOf(act, database, timeline.now, signedIn, () => signedIn++)
    if (act.do === 'revoke') concerned = [act.session % signedIn, ...concerned.slice(0, 1)]
    if (act.do === 'sign in') concerned = [signedIn - 1, ...concerned.slice(0, 1)]
    const transaction = database.primary.begin()
    timeline.after(act.takes, () => {
      if (act.fate === 'commit') commitBy(transaction, change)
      else transaction.rollBack()
    })
  }

  /** By one of the nodes, which watches from its return on until it holds everywhere. */
  function commitBy(transaction: Transaction, change: Change | undefined) {
    const { primary: server } = database
    const { machine, node, random } = nodes[transaction.xid % 3] as Process
    const mailbox = machine.mailbox()
    let ended = new Set<string>()
    const noticed: Change | undefined =
      change &&
      ((state, at) => {
        const changed = change(state, at)
        ended = endedBetween(state, changed.state, at)
        return changed
      })
    transaction.commit(noticed, () => {
      if (ended.size === 0 || !node) return
      timeline.after(random.between(0.2, 3), () => mailbox(() => watchReceipt(node)))
    })
    const watchReceipt = ({ receipts }: SimulatedNode) => {
      const position = `x${transaction.xid}` as const
      receipts.watch(position)
      receipts.until(position, LONGEST_MS).then(
        (receipt) => {
          if (receipt?.complete) greens.add({ at: timeline.now, ended, server })
        },
        // Given up, and asked for while the database is away: nothing was said.
        () => {},
      )
    }
  }

  database.onAppended((entries) => {
    for (const node of nodes) nudge(node, entries)
  })
  for (const account of [0, 1, 2])
    for (const app of [0, 1]) commit({ do: 'sign in', account, app, address: account, takes: 0, fate: 'commit' })
  for (const process of processes) boot(process)

  let at = 600
  for (const { after, command } of schedule.steps) {
    at += after
    timeline.after(at, () => violation ?? perform(command))
  }
  await timeline.runUntil(at)
  network.heal()
  database.heal()
  for (const { machine } of processes) machine.wake()
  healedAt = timeline.now
  await timeline.runUntil(healedAt + HEALING_MS + WELL_MS)
  for (const { name, watches } of processes)
    for (const { sessionId, ip } of watches)
      if (truth.isOverByLogSince(sessionId, ip, timeline.now - LEASE_MS - TO_END_CONNECTIONS_MS))
        say(`${name} still has a connection open of ${nameOf(sessionId)}, which is over`)
  for (const { engine } of processes) engine?.stop()
  return violation
}

const nameOf = (id: string) => `session ${Number.parseInt(id.slice(-4), 16) - 1}`
