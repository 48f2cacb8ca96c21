import { systemClock } from '../follower/clock.js'
import { createEngine, type Engine, type EngineOptions } from '../follower/engine.js'
import { denied } from '../follower/reasons.js'
import type { CheckRequest, Verdict } from '../follower/types.js'
import { readPushed } from './answers.js'
import { type Calls, createCalls } from './calls.js'
import type { StreamEvent } from './events.js'
import { createFailures, type Failures } from './failures.js'
import { readOptions, type VerifierOptions } from './options.js'
import { followStream } from './stream.js'
import { createHttpTransport, followingQuery } from './transport.js'
import type { Verifier, VerifyRequest } from './types.js'
import { createUses } from './uses.js'
import { VERSION } from './version.js'

type Applied = Parameters<NonNullable<EngineOptions['onApplied']>>[0]

/** How often "last seen" travels. */
const TOUCH_EVERY_MS = 3_000

/** One process of an app that follows Rollcall: what checks, and what else of the client is made of. */
export interface Following {
  verifier: Verifier
  calls: Calls
  /** To `onFailure`. */
  tell: Failures['tell']
  /** Random, for the life of the process: how it tells of itself. */
  processId: string
  /** What is remembered, and for how long it may be trusted. */
  engine: Pick<Engine, 'follower' | 'networks' | 'memory' | 'verifyCached'>
}

/**
 * Begins to follow, until `verifier.stop` is called.
 *
 * @param onApplied hears of what the log brought, after it was applied; `anew`: nothing that is remembered may be kept
 * @throws TypeError that says which option is wrong
 */
export function followRollcall(options: VerifierOptions, onApplied?: (applied: Applied) => void): Following {
  const { base, key, leaseMs, cacheSize, onUnavailable, name, endAfterUnavailableMs } = readOptions(options)
  const clock = systemClock
  const failures = createFailures(clock, options.onFailure)
  const calls = createCalls(base, key, failures.tell)
  const processId = crypto.randomUUID()

  const engine = createEngine({
    transport: createHttpTransport({ calls, clock, leaseMs, report }),
    clock,
    leaseMs,
    cacheSize,
    onUnavailable,
    endAfterUnavailableMs,
    onFailure: failures.tell,
    // The next reading tells the node what has arrived here: that is what receipts are made of.
    onApplied(applied) {
      onApplied?.(applied)
      void engine.follower.nudge()
    },
  })
  const stream = followStream({ calls, clock, path: streamPath, onEvent: heard })
  const uses = createUses({ calls, clock, onEnded: engine.forget, onFailure: failures.tell })
  const stopUses = uses.start(TOUCH_EVERY_MS)

  function report() {
    const { hits, misses } = engine.stats()
    const called = name ?? processId.slice(0, 8)
    return { process: processId, name: called, version: VERSION, leaseMs, hits, misses, onUnavailable }
  }

  function streamPath() {
    return `/revocations/stream?${followingQuery(report(), engine.follower.position)}`
  }

  function heard({ name: event, data }: StreamEvent) {
    if (event !== 'revocations') return
    const pushed = readPushed(parse(data), clock.monotonicMs())
    if (pushed) engine.follower.push(pushed.answer, pushed.from)
    else void engine.follower.nudge()
  }

  // One for all: what is decided without an await is decided before the next one is asked about.
  const scratch: CheckRequest = {}

  function verifyCached(token: string | null | undefined, request?: VerifyRequest): Verdict | 'ask' {
    if (typeof token !== 'string') return UNKNOWN
    if (calls.keyIsRefused) return UNAVAILABLE
    const check = request === undefined ? NO_REQUEST : fill(scratch, request)
    const verdict = engine.verifyCached(token, check)
    if (verdict !== 'ask') noteUse(verdict, check)
    return verdict
  }

  async function verify(token: string | null | undefined, request?: VerifyRequest): Promise<Verdict> {
    if (typeof token !== 'string') return UNKNOWN
    if (calls.keyIsRefused) return UNAVAILABLE
    const check = request === undefined ? NO_REQUEST : fill({}, request)
    const verdict = await engine.verify(token, check)
    // Of a key that was refused meanwhile nothing holds any more, whatever is remembered.
    if (calls.keyIsRefused) return UNAVAILABLE
    noteUse(verdict, check)
    return verdict
  }

  function noteUse(verdict: Verdict, check: CheckRequest) {
    if (check.use && verdict.status === 'active') uses.note(verdict.session.id, check.ip ?? null)
  }

  let whenStopped = () => {}
  const stopped = new Promise<void>((resolve) => {
    whenStopped = resolve
  })

  const verifier: Verifier = {
    verify,
    verifyCached,
    onEnded: (sessionId, callback, from) =>
      engine.onEnded(sessionId, (reason) => failures.guard(() => callback(reason)), from),
    touch: (sessionId, { ip = null, requests = 1 } = {}) => uses.note(sessionId, ip, { requests }),
    async stop() {
      engine.stop()
      stream.stop()
      stopUses()
      whenStopped()
      await uses.flush()
    },
    stats: () => ({
      ...engine.stats(),
      streaming: stream.isOpen,
      keyIsRefused: calls.keyIsRefused,
      usesWaiting: uses.waiting,
      watching: engine.watching(),
    }),
    started: Promise.race([engine.start(), stopped]),
  }
  return { verifier, calls, tell: failures.tell, processId, engine }
}

const UNAVAILABLE = denied('unavailable')
const UNKNOWN = denied('unknown')
const NO_REQUEST: CheckRequest = Object.freeze({})

function fill(check: CheckRequest, { ip, userAgent, fresh, background }: VerifyRequest): CheckRequest {
  check.ip = ip
  check.userAgent = userAgent
  check.fresh = fresh
  check.use = !background
  return check
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
