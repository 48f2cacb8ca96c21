import pino, { type DestinationStream, type Logger } from 'pino'
import { systemClock } from './follower/clock.js'

const DEEPEST = 5
const FRAMES = 12

/** The process's log: one JSON line an event. Errors are told without the values that were sent to the database (S-61). */
export const createLog = (level: string, destination: DestinationStream = pino.destination(2)): Logger =>
  pino({ level, serializers: { err: tellError } }, destination)

const AGAIN_AFTER_MS = 10_000

/** Of what goes on failing, each check of an outage, one line in ten seconds says the same, and how many it stands for. */
export function createFailureLog(
  log: Pick<Logger, 'error'>,
  monotonicMs: () => number = systemClock.monotonicMs,
): (what: string) => (error: unknown) => void {
  return (what) => {
    let toldAt = Number.NEGATIVE_INFINITY
    let untold = 0
    return (error) => {
      const now = monotonicMs()
      if (now - toldAt < AGAIN_AFTER_MS) {
        untold += 1
        return
      }
      log.error({ err: error, ...(untold > 0 ? { untold } : {}) }, what)
      toldAt = now
      untold = 0
    }
  }
}

const POOLED =
  'A pooler before PostgreSQL gives each transaction another connection and knows no prepared statements. Add prepare=false to DATABASE_URL, behind the question mark (README.md, With PostgreSQL).'

/** By PostgreSQL's code, where its words do not say what to do: of a prepared statement that is not there, or there already. */
const HINTS: Record<string, string> = { '26000': POOLED, '42P05': POOLED }

export interface ToldError {
  type: string
  message: string
  code?: string
  hint?: string
  constraint?: string
  /** Where it was thrown; no line of a message. */
  stack: string[]
  cause?: ToldError
}

/** An error of another thread, as it was told there: between threads an error loses its kind and its code. */
export class ToldElsewhere extends Error {
  constructor(readonly told: ToldError) {
    super(told.message)
  }
}

/**
 * What may be logged of an error. Drizzle puts a query's parameters into message, stack and a property of their own,
 * PostgreSQL the offending value behind a colon and into `detail`: passwords and tokens are among them.
 */
export function tellError(error: unknown, depth = 0): ToldError {
  if (error instanceof ToldElsewhere) return error.told
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error', stack: [] }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const constraint = 'constraint_name' in error ? error.constraint_name : 'constraint' in error && error.constraint
  return {
    type: error.name,
    message: withoutValues(error),
    ...(code ? { code } : {}),
    ...(code && HINTS[code] ? { hint: HINTS[code] } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    stack: framesOf(error),
    ...(error.cause !== undefined && depth < DEEPEST ? { cause: tellError(error.cause, depth + 1) } : {}),
  }
}

function withoutValues(error: Error): string {
  const message = error.message.replace(/\n?params:.*$/s, '')
  const fromDatabase = 'severity' in error || 'routine' in error
  return fromDatabase ? message.replace(/: .*$/s, ': …') : message
}

/** The stack begins with the message, which may have lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const from = message ? stack.indexOf(message) : -1
  return (from < 0 ? stack : stack.slice(from + message.length))
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, FRAMES)
    .map((line) => line.trim())
}
