import { streamSSE } from 'hono/streaming'
import { atLeast } from '../accounts/types.js'
import { type AccountId, BUILT_IN_APP, type SessionId } from '../db/ids.js'
import type { Watched } from '../follower/types.js'
import type { Told as News } from '../sessions/feed/news.js'
import { explainEnd } from '../sessions/lists/explain.js'
import { readSessionCookie } from './cookies.js'
import type { AppContext } from './env.js'
import { PublicError } from './errors.js'

const MOST_A_SESSION = 12
const MOST_AN_ACCOUNT = 50
const MOST_IN_ALL = 2_000
/** Of all: people can't take every stream from those who would sign them out. */
const KEPT_FOR_ADMINS = 200

const TIMING = {
  heartbeatMs: 15_000,
  /** The engine tells of the end within its bound; what ends by time alone is found by this. */
  recheckMs: 5_000,
  slowReaderMs: 10_000,
}

/** Small requests a second that all open pages together may make. */
const MOST_ASKED = 40

export interface Reader {
  session: SessionId
  account: AccountId
  admin: boolean
  ip: string | null
}

/** How a stream is told what concerns itself. */
export interface Handle {
  close(): void
  /** Its session seems to be over. */
  recheck(): void
}

/** The open event streams of this process: counted, asked about together, and closed at shutdown. */
export interface Streams {
  /** @returns what takes it out again, or undefined when there are too many */
  enter(reader: Reader, told: Handle): (() => void) | undefined
  closeAll(): void
  readonly open: number
  /** How long a page waits between two small requests at least, so that all pages together stay cheap. */
  readonly paceMs: number
  readonly timing: typeof TIMING
}

/** @param over which of these sessions are over: asked in one statement for all streams */
export function createStreams(
  over: (watched: readonly Watched[]) => Promise<readonly { id: string }[]>,
  timing: Partial<typeof TIMING> = {},
): Streams {
  const open = new Map<Handle, Reader>()
  const openOf = (which: (other: Reader) => boolean) => [...open.values()].filter(which).length
  const { recheckMs, ...others } = { ...TIMING, ...timing }
  let timer: NodeJS.Timeout | undefined

  async function recheckAll() {
    const watched = [...open.values()].map(({ session, ip }) => ({ id: session, ip }))
    // Where the database does not answer nobody can tell; the next time will.
    const ended = new Set((await over(watched).catch(() => [])).map(({ id }) => id))
    for (const [told, { session }] of [...open]) if (ended.has(session)) told.recheck()
    timer = open.size > 0 ? setTimeout(recheckAll, recheckMs) : undefined
  }

  return {
    timing: { recheckMs, ...others },
    enter(reader, told) {
      const { session, account, admin } = reader
      if (open.size >= (admin ? MOST_IN_ALL : MOST_IN_ALL - KEPT_FOR_ADMINS)) return undefined
      if (openOf((other) => other.account === account) >= MOST_AN_ACCOUNT) return undefined
      if (openOf((other) => other.session === session) >= MOST_A_SESSION) return undefined
      open.set(told, reader)
      timer ??= setTimeout(recheckAll, recheckMs)
      return () => open.delete(told)
    },
    closeAll() {
      clearTimeout(timer)
      for (const told of [...open.keys()]) told.close()
    },
    get open() {
      return open.size
    },
    get paceMs() {
      return (Math.max(1, open.size) * 1_000) / MOST_ASKED
    },
  }
}

/** What a kind of page hears of, in the form of its events. */
export interface Listening {
  /** @returns undefined when it is not its business */
  tell(news: News): Uint8Array | undefined
  /** Sent at once: how things stand. */
  first?: Uint8Array
}

/**
 * The event stream of an open page: what changed, and the end of its own session, after which it closes (S-17, S-46).
 */
export function pageStream(c: AppContext, { tell, first }: Listening): Response {
  if (c.req.method === 'HEAD') return headOfStream(c)
  const { current, news, node, streams, verifier, db, ip, log, requestId } = c.var
  const { heartbeatMs, slowReaderMs } = streams.timing
  const token = readSessionCookie(c) ?? ''
  const waiting: Uint8Array[] = []
  let wake = () => {}
  let closing: 'shutdown' | 'left' | undefined
  let mayBeOver = false
  const close = (why: 'shutdown' | 'left') => {
    closing ??= why
    wake()
  }
  const recheck = () => {
    mayBeOver = true
    wake()
  }

  const { id: account, role } = current.account
  const reader = { session: current.session.id, account, admin: atLeast(role, 'viewer'), ip }
  const leave = streams.enter(reader, { close: () => close('shutdown'), recheck })
  if (!leave) {
    throw new PublicError(
      429,
      'too-many-streams',
      'Too many open pages',
      'Close some of them; this page asks for news by itself.',
      { retryAfterSeconds: 30 },
    )
  }
  const unsubscribe = news.subscribe((told) => {
    const event = tell(told)
    if (!event) return
    waiting.push(event)
    wake()
  })
  const unwatch = node.engine.onEnded(current.session.id, recheck, { ip })

  // An event and not a comment, which scripts don't see: a proxy that holds the stream back leaves it open.
  const here = `event: here\ndata: ${heartbeatMs}\n\n`

  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => close('left'))
    const within = async (what: Uint8Array | string) => {
      await inTime(stream.write(what), slowReaderMs)
    }
    try {
      await within(here)
      if (first) await within(first)
      while (!closing) {
        if (mayBeOver) {
          mayBeOver = false
          const verdict = await verifier.verify(token, { appId: BUILT_IN_APP, ip, fresh: true })
          if (verdict.status === 'denied' && verdict.reason !== 'unavailable') {
            const end = await explainEnd(db, token)
            await within(`event: ended\ndata: ${JSON.stringify({ reason: end?.reason ?? verdict.reason })}\n\n`)
            return
          }
        }
        // Told by and by, so that one who reads slowly is found out and not piled up for.
        const next = waiting.shift()
        if (next) await within(next)
        else {
          const woken = await pause(
            heartbeatMs,
            () => mayBeOver || closing !== undefined || waiting.length > 0,
            (resume) => {
              wake = resume
            },
          )
          if (!woken) await within(here)
        }
      }
      if (closing === 'shutdown') await within('retry: 2000\n\n')
    } catch (error) {
      if (error instanceof SlowReader) log.debug({ requestId }, 'a slow reader of a stream was dropped')
      else log.error({ err: error, requestId }, 'a stream broke off')
      // What it has not taken stands in the way of a proper end.
      c.env.outgoing?.destroy()
    } finally {
      unsubscribe()
      unwatch()
      leave()
    }
  })
}

/** Hono drops the body of such an answer: a stream would stand open that nobody can leave. */
export const headOfStream = (c: AppContext): Response => c.body(null, 200, { 'Content-Type': 'text/event-stream' })

/** @returns whether something came before the time was over */
function pause(ms: number, urgent: () => boolean, onWake: (resume: () => void) => void): Promise<boolean> {
  if (urgent()) return Promise.resolve(true)
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, false)
    onWake(() => {
      if (!urgent()) return
      clearTimeout(timer)
      resolve(true)
    })
  })
}

class SlowReader extends Error {}

/** A reader that does not take what it is sent is dropped, not waited for. */
async function inTime(write: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SlowReader()), ms)
  })
  try {
    await Promise.race([write, late])
  } finally {
    clearTimeout(timer)
  }
}
