import type { KeyId } from '../db/ids.js'
import { PublicError } from '../http/errors.js'

const MOST_OF_ONE = 2
/** Of a pool of ten connections. */
const MOST_IN_ALL = 4

/**
 * The counts of what a filter would end that are under way in this process. Each may take a connection for up to a minute:
 * without a limit one key could take all of them, and nobody could sign in or be blocked meanwhile.
 */
export interface Counts {
  /** @throws PublicError 429 when too many are under way */
  take<T>(who: KeyId, count: () => Promise<T>): Promise<T>
}

export function createCounts({ mostOfOne = MOST_OF_ONE } = {}): Counts {
  const underWay: KeyId[] = []
  return {
    async take(who, count) {
      if (underWay.length >= MOST_IN_ALL || underWay.filter((other) => other === who).length >= mostOfOne)
        throw tooMany()
      underWay.push(who)
      try {
        return await count()
      } finally {
        underWay.splice(underWay.indexOf(who), 1)
      }
    },
  }
}

const tooMany = () =>
  new PublicError(
    429,
    'too-many-counts',
    'Too many counts are under way',
    'Wait until one of them has answered. Nothing was changed.',
    { retryAfterSeconds: 5 },
  )
