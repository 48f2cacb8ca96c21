import type { Clock } from '../follower/types.js'
import type { Calls } from './calls.js'
import { createEventReader, type StreamEvent } from './events.js'

/** A node sends something each second: without it the connection is half open. */
const SILENCE_MS = 3_000
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000

export interface StreamOptions {
  calls: Pick<Calls, 'open'>
  clock: Clock
  /** Asked for each connection: it goes on from where this process is. */
  path: () => string
  onEvent(event: StreamEvent): void
  /** From 0 to 1. */
  random?: () => number
}

export interface Stream {
  stop(): void
  readonly isOpen: boolean
}

/**
 * Listens to a node's stream of revocations, for as long as it is wanted. It makes things fast and is never relied on,
 * so it fails in silence: the poll tells.
 */
export function followStream({ calls, clock, path, onEvent, random = Math.random }: StreamOptions): Stream {
  let stopped = false
  let isOpen = false
  let connection = new AbortController()
  let endWait = () => {}

  async function follow() {
    for (let failures = 0; !stopped; failures++) {
      try {
        await listen(() => {
          failures = 0
        })
      } catch {}
      isOpen = false
      // With jitter, so that all who lost the same node do not come back in step.
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS) * (0.5 + random() / 2)
      if (!stopped) await wait(waitMs)
    }
  }

  /** Until the stream ends, or says nothing for too long. */
  async function listen(onHeard: () => void) {
    connection = new AbortController()
    const { signal } = connection
    let endSilence = clock.after(SILENCE_MS, () => connection.abort())
    try {
      const pieces = (await calls.open(path(), signal)).getReader()
      signal.addEventListener('abort', () => void pieces.cancel().catch(() => {}))
      const text = new TextDecoder()
      const take = createEventReader(onEvent)
      isOpen = true
      for (;;) {
        const { value, done } = await pieces.read()
        if (done || signal.aborted) return
        endSilence()
        endSilence = clock.after(SILENCE_MS, () => connection.abort())
        onHeard()
        take(text.decode(value, { stream: true }))
      }
    } finally {
      endSilence()
      connection.abort()
    }
  }

  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve)
      endWait = () => {
        cancel()
        resolve()
      }
    })

  void follow()
  return {
    stop() {
      stopped = true
      connection.abort()
      endWait()
    },
    get isOpen() {
      return isOpen
    },
  }
}
