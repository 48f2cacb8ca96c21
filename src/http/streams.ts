import { streamSSE } from 'hono/streaming'
import { atLeast } from '../accounts/types.js'
import type { Change } from '../db/changes.js'
import { type AccountId, BUILT_IN_APP, type SessionId } from '../db/ids.js'
import { explainEnd } from '../sessions/explain.js'
import { readSessionCookie } from './cookies.js'
import type { AppContext } from './env.js'
import { PublicError } from './errors.js'

const MOST_A_SESSION = 12
const MOST_AN_ACCOUNT = 50
const MOST_IN_ALL = 2_000
/** Of all: people can't take every stream from those who would sign them out. */
const KEPT_FOR_ADMINS = 200

const TIMING = {
  /** Changes are folded: a page hears of them at most this often. */
  foldMs: 1_000,
  heartbeatMs: 15_000,
  /** The engine tells of the end within its bound; what ends by time alone is found by this. */
  recheckMs: 5_000,
  slowReaderMs: 10_000,
}

export interface Reader {
  session: SessionId
  account: AccountId
  admin: boolean
}

/** The open event streams of this process: counted, and closed at shutdown. */
export interface Streams {
  /** @returns what takes it out again, or undefined when there are too many */
  enter(reader: Reader, close: () => void): (() => void) | undefined
  closeAll(): void
  readonly open: number
  readonly timing: typeof TIMING
}

export function createStreams(timing: Partial<typeof TIMING> = {}): Streams {
  const open = new Map<() => void, Reader>()
  const openOf = (which: (other: Reader) => boolean) => [...open.values()].filter(which).length
  return {
    timing: { ...TIMING, ...timing },
    enter(reader, close) {
      const { session, account, admin } = reader
      if (open.size >= (admin ? MOST_IN_ALL : MOST_IN_ALL - KEPT_FOR_ADMINS)) return undefined
      if (openOf((other) => other.account === account) >= MOST_AN_ACCOUNT) return undefined
      if (openOf((other) => other.session === session) >= MOST_A_SESSION) return undefined
      open.set(close, reader)
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
 * The event stream of an open page: what changed, and the end of its own session, after which it closes (S-17, S-46).
 *
 * @param wanted names the events that this page listens to
 */
export function pageStream(c: AppContext, wanted: (change: Change) => string | undefined): Response {
  const { current, feed, node, streams, verifier, db, ip, log, requestId } = c.var
  const { foldMs, heartbeatMs, recheckMs, slowReaderMs } = streams.timing
  const token = readSessionCookie(c) ?? ''
  const pending = new Set<string>()
  let wake = () => {}
  let closing: 'shutdown' | 'left' | undefined
  let recheck = false
  const close = (why: 'shutdown' | 'left') => {
    closing ??= why
    wake()
  }

  const { id: account, role } = current.account
  const reader = { session: current.session.id, account, admin: atLeast(role, 'viewer') }
  const leave = streams.enter(reader, () => close('shutdown'))
  if (!leave) {
    throw new PublicError(
      429,
      'too-many-streams',
      'Too many open pages',
      'Close some of them; this page will not update by itself.',
      { retryAfterSeconds: 30 },
    )
  }
  const unsubscribe = feed.subscribe((change) => {
    const event = wanted(change)
    if (!event) return
    pending.add(event)
    wake()
  })
  const unwatch = node.engine.onEnded(
    current.session.id,
    () => {
      recheck = true
      wake()
    },
    { ip },
  )

  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => close('left'))
    const within = (write: Promise<unknown>) => inTime(write, slowReaderMs)
    try {
      await within(stream.write(': here\n\n'))
      let checkedAt = performance.now()
      let spokeAt = checkedAt
      while (!closing) {
        const now = performance.now()
        if (recheck || now - checkedAt >= recheckMs) {
          recheck = false
          checkedAt = now
          const verdict = await verifier.verify(token, { appId: BUILT_IN_APP, ip, fresh: true })
          if (verdict.status === 'denied' && verdict.reason !== 'unavailable') {
            const end = await explainEnd(db, token)
            await within(
              stream.writeSSE({ event: 'ended', data: JSON.stringify({ reason: end?.reason ?? verdict.reason }) }),
            )
            return
          }
        }
        if (pending.size > 0) {
          const events = [...pending]
          pending.clear()
          for (const event of events) await within(stream.writeSSE({ event, data: '' }))
          spokeAt = now
        } else if (now - spokeAt >= heartbeatMs) {
          await within(stream.write(': here\n\n'))
          spokeAt = now
        }
        await pause(
          foldMs,
          () => recheck || closing !== undefined,
          (resume) => {
            wake = resume
          },
        )
      }
      if (closing === 'shutdown') await within(stream.write('retry: 2000\n\n'))
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

/** Waits for the time, or less when something can't wait. */
function pause(ms: number, urgent: () => boolean, onWake: (resume: () => void) => void): Promise<void> {
  if (urgent()) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      resolve()
    }
    onWake(() => {
      if (urgent()) done()
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
