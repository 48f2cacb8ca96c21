import type { Page } from '../db/page.js'
import type { Format } from '../export/lines.js'
import type { AppContext } from './env.js'
import { PublicError } from './errors.js'

const MOST_OF_ONE = 3
const MOST_IN_ALL = 12

const TIMING = {
  /** Whoever takes the file must still be allowed to: asked this often. */
  recheckMs: 2_000,
  /** A reader that takes nothing for so long is dropped. */
  slowReaderMs: 60_000,
}

type ExportLimits = typeof TIMING & { mostOfOne: number }

/** The exports that are under way in this process: counted, and broken off at shutdown. */
export interface Exports {
  /** @returns what takes it out again, or undefined when there are too many */
  enter(who: string, breakOff: () => void): (() => void) | undefined
  closeAll(): void
  readonly timing: typeof TIMING
}

export function createExports({ mostOfOne = MOST_OF_ONE, ...timing }: Partial<ExportLimits> = {}): Exports {
  const open = new Map<() => void, string>()
  return {
    timing: { ...TIMING, ...timing },
    enter(who, breakOff) {
      if (open.size >= MOST_IN_ALL) return undefined
      if ([...open.values()].filter((other) => other === who).length >= mostOfOne) return undefined
      open.set(breakOff, who)
      return () => open.delete(breakOff)
    },
    closeAll() {
      for (const breakOff of [...open.keys()]) breakOff()
    },
  }
}

export interface ExportOptions<T> {
  /** Of the file, before the date: "rollcall-sessions". */
  name: string
  format: Format<T>
  /** Who takes it: so many at once. */
  who: string
  read(after: string | undefined): Promise<Page<T>>
  mayGoOn(): Promise<boolean>
  /** Called once, with what went out. Of a whole one the file ends only when this is done. */
  done(lines: number, whole: boolean): Promise<void>
}

/**
 * A list as a file, read and sent page by page as the client takes it: nothing waits in memory, and no transaction is
 * open between two pages. One that breaks off (database, sign-out, shutdown) never ends well: the connection is
 * destroyed, so that browsers, curl and fetch call it failed.
 *
 * @throws PublicError 429 when too many are under way; whatever the first page throws
 */
export async function exportFile<T>(c: AppContext, options: ExportOptions<T>): Promise<Response> {
  const { name, format, who, read, mayGoOn } = options
  const { exports, log, requestId } = c.var
  const file = `${name}-${new Date().toISOString().slice(0, 10)}.${format.extension}`
  const headers = {
    'Content-Type': format.type,
    'Content-Disposition': `attachment; filename="${file}"`,
    // A proxy that gathers it would take the pace out of the reader's hands.
    'X-Accel-Buffering': 'no',
  }
  // Hono drops the body of such an answer: nobody would read it to its end, or break it off.
  if (c.req.method === 'HEAD') return c.body(null, 200, headers)
  let end: ((whole: boolean, why?: unknown) => Promise<void>) | undefined
  const leave = exports.enter(who, () => void end?.(false, 'shutdown'))
  if (!leave) throw tooMany()

  let lines = 0
  let page: Page<T>
  try {
    page = await read(undefined)
  } catch (error) {
    leave()
    throw error
  }
  let checkedAt = performance.now()
  let begun = false
  let slow: NodeJS.Timeout | undefined
  let ended: Promise<void> | undefined

  end = (whole, why) => {
    ended ??= (async () => {
      clearTimeout(slow)
      try {
        await options.done(lines, whole)
        if (whole) return
      } catch (error) {
        log.error({ err: error, requestId }, 'an export could not be written to the audit log')
      } finally {
        leave()
      }
      log.warn({ requestId, lines, ...(why instanceof Error ? { err: why } : { why }) }, 'an export broke off')
      c.env.outgoing?.destroy()
    })()
    return ended
  }

  const next = async (): Promise<string | undefined> => {
    if (!begun) {
      begun = true
      return format.head + write(page)
    }
    if (page.next === null) return undefined
    if (performance.now() - checkedAt >= exports.timing.recheckMs) {
      checkedAt = performance.now()
      if (!(await mayGoOn())) throw new Error('whoever took it may not any more')
    }
    page = await read(page.next)
    return write(page)
  }
  const write = ({ items }: Page<T>) => {
    lines += items.length
    return items.map(format.line).join('')
  }
  const patience = () => {
    clearTimeout(slow)
    slow = setTimeout(() => void end?.(false, 'slow reader'), exports.timing.slowReaderMs)
    slow.unref()
  }

  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const text = await next()
          if (ended !== undefined) return
          if (text === undefined) {
            await end?.(true)
            if (!c.env.outgoing?.destroyed) controller.close()
          } else {
            patience()
            controller.enqueue(encoder.encode(text))
          }
        } catch (error) {
          // The connection is cut, and with it this stream: there is nobody left to tell.
          await end?.(false, error)
        }
      },
      cancel: () => end?.(false, 'the client went'),
    },
    { highWaterMark: 0 },
  )
  patience()
  return c.body(body, 200, headers)
}

const tooMany = () =>
  new PublicError(
    429,
    'too-many-exports',
    'Too many exports are under way',
    'Wait until one of them is done, or stop it.',
    { retryAfterSeconds: 10 },
  )
