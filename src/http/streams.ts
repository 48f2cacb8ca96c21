import { streamSSE } from 'hono/streaming'
import type { Change } from '../db/changes.js'
import { BUILT_IN_APP, type SessionId } from '../db/ids.js'
import { explainEnd } from '../sessions/explain.js'
import { readSessionCookie } from './cookies.js'
import type { AppContext } from './env.js'
import { PublicError } from './errors.js'

const MOST_A_SESSION = 12
const MOST_IN_ALL = 2_000
/** Changes are folded: a page hears of them at most this often. */
const FOLD_MS = 1_000
const HEARTBEAT_MS = 15_000
/** A notice can get lost; this check makes the end of a session certain all the same. */
const RECHECK_MS = 5_000
const SLOW_READER_MS = 10_000

/** The open event streams of this process: counted, and closed at shutdown. */
export interface Streams {
  /** @returns what takes it out again, or undefined when there are too many */
  enter(session: SessionId, close: () => void): (() => void) | undefined
  closeAll(): void
  readonly open: number
}

export function createStreams(): Streams {
  const open = new Map<() => void, SessionId>()
  return {
    enter(session, close) {
      const own = [...open.values()].filter((other) => other === session).length
      if (own >= MOST_A_SESSION || open.size >= MOST_IN_ALL) return undefined
      open.set(close, session)
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
  const { current, feed, streams, verifier, db, ip } = c.var
  const token = readSessionCookie(c) ?? ''
  const pending = new Set<string>()
  let wake = () => {}
  let closing: 'shutdown' | 'left' | undefined
  let recheck = false
  const close = (why: 'shutdown' | 'left') => {
    closing ??= why
    wake()
  }

  const leave = streams.enter(current.session.id, () => close('shutdown'))
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
    if (concerns(change, current.session.id)) recheck = true
    const event = wanted(change)
    if (event) pending.add(event)
    if (event || recheck) wake()
  })

  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => close('left'))
    const cleanUp = () => {
      unsubscribe()
      leave()
    }
    try {
      await within(stream.write(': here\n\n'))
      let checkedAt = performance.now()
      let spokeAt = checkedAt
      while (!closing) {
        const now = performance.now()
        if (recheck || now - checkedAt >= RECHECK_MS) {
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
        } else if (now - spokeAt >= HEARTBEAT_MS) {
          await within(stream.write(': here\n\n'))
          spokeAt = now
        }
        await pause(
          FOLD_MS,
          () => recheck || closing !== undefined,
          (resume) => {
            wake = resume
          },
        )
      }
      if (closing === 'shutdown') await within(stream.write('retry: 2000\n\n'))
    } finally {
      cleanUp()
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

/** A reader that does not take what it is sent is dropped, not waited for. */
async function within(write: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('slow reader')), SLOW_READER_MS)
  })
  try {
    await Promise.race([write, late])
  } finally {
    clearTimeout(timer)
  }
}

function concerns(change: Change, session: SessionId): boolean {
  if (change.kind === 'policy' || change.kind === 'blocks') return true
  return change.kind === 'ended' && (change.sessions === null || change.sessions.includes(session))
}
