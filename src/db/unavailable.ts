const CODES = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED', // postgres.js
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03', // shut down, crashed, starting
  '53300', // too many connections
  '57014',
  '55P03', // statement and lock timeouts
  '40001',
  '40P01', // serialisation failure, deadlock
  '53100', // disk full
  '25006', // a standby, which writes nothing
  'wrong_database',
  'took_too_long',
])

/** True when the database did not answer in time, or not at all: nothing was done, trying again makes sense. */
export const isDatabaseUnavailable = (error: unknown): boolean => hasCode(error, CODES)

/** Of the error, or of what caused it: drizzle throws one of its own around the driver's. */
export function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && codes.has(cause.code)) return true
  }
  return false
}
