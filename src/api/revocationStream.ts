import { streamSSE } from 'hono/streaming'
import type { KeyId } from '../db/ids.js'
import { systemClock } from '../follower/clock.js'
import { inTime, TookTooLong } from '../follower/follower.js'
import { formatSnapshot } from '../follower/snapshot.js'
import type { RevocationsEvent } from '../follower/wire.js'
import type { AppContext } from '../http/env.js'
import { PublicError } from '../http/errors.js'
import { headOfStream } from '../http/streams.js'
import type { Node, Pushed } from '../sessions/log/node.js'
import { answerOut, follow } from './following.js'
import type { Following } from './routes/revocationSchemas.js'
import { readBearer } from './scope.js'

/** One a process. */
const MOST_A_KEY = 1_000
const MOST_IN_ALL = 5_000
const HEARTBEAT_MS = 1_000
const SLOW_READER_MS = 5_000
/** Of events that wait for a slow reader. */
const MOST_WAITING = 1_000
const RETRY_MS = 500

/** The open streams of app processes: counted, and closed at shutdown. */
export interface RevocationStreams {
  /** @returns what takes it out again, or undefined when there are too many */
  enter(key: KeyId, close: () => void): (() => void) | undefined
  closeAll(): void
  readonly open: number
}

export function createRevocationStreams({ mostAKey = MOST_A_KEY, mostInAll = MOST_IN_ALL } = {}): RevocationStreams {
  const open = new Map<() => void, KeyId>()
  return {
    enter(key, close) {
      if (open.size >= mostInAll) return undefined
      if ([...open.values()].filter((other) => other === key).length >= mostAKey) return undefined
      open.set(close, key)
      return () => open.delete(close)
    },
    closeAll() {
      for (const close of [...open.keys()]) close()
    },
    get open() {
      return open.size
    },
  }
}

/**
 * The nudges of an app process: each time this node has applied something, what it was. Ends with the node's lease and
 * with the key (S-60); whoever is cut off without a word finds out by its own lease.
 *
 * @throws PublicError 429 when the key, or the process, has too many; 503 while this node does not know itself
 */
export async function revocationStream(c: AppContext, following: Following): Promise<Response> {
  if (c.req.method === 'HEAD') return headOfStream(c)
  const { node, apiKey, revocationStreams, keys, log, requestId } = c.var
  const secret = readBearer(c) ?? ''
  const waiting: Pushed[] = []
  let wake = () => {}
  let closing: 'left' | 'shutdown' | 'slow' | undefined
  const close = (why: typeof closing) => {
    closing ??= why
    wake()
  }
  const leave = revocationStreams.enter(apiKey.id, () => close('shutdown'))
  if (!leave) throw tooMany()
  const unsubscribe = node.subscribe((pushed) => {
    waiting.push(pushed)
    if (waiting.length > MOST_WAITING) close('slow')
    wake()
  })
  const end = () => {
    unsubscribe()
    leave()
  }
  const first = await follow(c, following).catch((error: unknown) => {
    end()
    throw error
  })

  /** Asked before each event: what is passed on is for those alone whose key is good now. */
  const mayGoOn = async () =>
    node.engine.follower.leaseLeft() > 0 && (keys.findCached(secret) ?? (await keys.find(secret))) !== undefined
  const untilWoken = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (closing || waiting.length > 0) wake()
    })

  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => close('left'))
    const write = (text: string) => inTime(stream.write(text), systemClock, SLOW_READER_MS)
    try {
      await write(textOf({ from: following.after ?? first.snapshot, answer: first }, node))
      let spokeAt = performance.now()
      while (!closing && (await mayGoOn())) {
        const next = waiting.shift()
        const quietForMs = HEARTBEAT_MS - (performance.now() - spokeAt)
        if (next || quietForMs <= 0) {
          await write(next ? textOf(next, node) : ': here\n\n')
          spokeAt = performance.now()
        } else await untilWoken(Math.min(quietForMs, node.leaseMs / 4))
      }
      if (closing === 'slow') throw new TookTooLong(SLOW_READER_MS)
      if (closing !== 'left') await write(`retry: ${RETRY_MS}\n\n`)
    } catch (error) {
      if (error instanceof TookTooLong) log.debug({ requestId }, 'a slow reader of the revocations was dropped')
      else log.warn({ err: error, requestId }, 'a stream of revocations broke off')
      // What it has not taken stands in the way of a proper end.
      c.env.outgoing?.destroy()
    } finally {
      end()
    }
  })
}

/** The same for all who follow: written once. */
const written = new WeakMap<Pushed, string>()

function textOf(pushed: Pushed, node: Node): string {
  const known = written.get(pushed)
  if (known !== undefined) return known
  const event: RevocationsEvent = { ...answerOut(pushed.answer, node), from: formatSnapshot(pushed.from) }
  const text = `event: revocations\nid: ${event.position}\ndata: ${JSON.stringify(event)}\n\n`
  written.set(pushed, text)
  return text
}

const tooMany = () =>
  new PublicError(
    429,
    'too-many-streams',
    'Too many streams are open',
    'This key, or this server, has as many as it may. Polling goes on without one; a revocation then takes up to a poll’s interval.',
    { retryAfterSeconds: 30 },
  )
