import type { AccountId } from '../db/ids.js'
import { PublicError } from '../http/errors.js'

/** Of a pool of ten connections, beside those that the counts of keys may take. */
const MOST_IN_ALL = 3

/**
 * The previews of what a filter would end. Each may take a connection for up to a minute: an admin has one under way and one
 * that waits, which gives way to a later one, so that neither somebody who looks at one filter after the other nor many
 * admins at once keep the panel from all others.
 */
export interface Previews {
  /** @throws PublicError 429 when a later one of the same admin took its place before it began */
  take<T>(who: AccountId, look: () => Promise<T>): Promise<T>
}

interface Turn {
  begin(): void
  giveWay(why: PublicError): void
}

export function createPreviews({ mostInAll = MOST_IN_ALL } = {}): Previews {
  const underWay = new Set<AccountId>()
  /** In the order in which they came. */
  const waiting = new Map<AccountId, Turn>()

  function beginNext() {
    for (const [who, turn] of waiting) {
      if (underWay.size >= mostInAll) return
      if (underWay.has(who)) continue
      waiting.delete(who)
      underWay.add(who)
      turn.begin()
    }
  }

  return {
    async take(who, look) {
      await new Promise<void>((begin, giveWay) => {
        waiting.get(who)?.giveWay(laterOne())
        waiting.set(who, { begin, giveWay })
        beginNext()
      })
      try {
        return await look()
      } finally {
        underWay.delete(who)
        beginNext()
      }
    },
  }
}

const laterOne = () =>
  new PublicError(
    429,
    'too-many-counts',
    'You have looked at another filter since',
    'What this one hits was not counted: one is counted at a time. Nothing was changed. Open it again.',
    { retryAfterSeconds: 5 },
  )
