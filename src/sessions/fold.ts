import type { Change } from '../db/changes.js'
import type { AccountId, SessionId } from '../db/ids.js'

/** More ids than this in one interval are "many": a page with rows on its screen then asks for them. */
const MOST_NAMED = 400

/** What happened in one interval, as open pages are told: numbers, and the short names of what they may be showing. */
export interface Summary {
  started: number
  ended: number
  /** Short ids of the sessions that ended; null: too many, or nobody knows which. */
  sessions: string[] | null
  /** Short ids of the accounts whose sessions started or ended; null as above. */
  accounts: string[] | null
  /** Something was used. */
  touched: boolean
  audit: boolean
  /** Accounts, blocks or policies changed: rare, and of interest to every page. */
  others: boolean
}

export interface Fold {
  add(change: Change): void
  /** @returns undefined when nothing happened since the time before */
  take(): Summary | undefined
}

/** An id's last 12 digits, all random in a UUIDv7: enough to find a row on a screen by. */
export const shortId = (id: SessionId | AccountId): string => id.slice(-12)

/** Makes one summary of the changes of an interval. */
export function createFold(most = MOST_NAMED): Fold {
  let [started, ended] = [0, 0]
  let sessions: Set<string> | null = new Set()
  let accounts: Set<string> | null = new Set()
  let kinds = new Set<Change['kind']>()

  return {
    add(change) {
      kinds.add(change.kind)
      if (change.kind === 'started') started += change.sessions?.length ?? 1
      else if (change.kind === 'ended') {
        ended += change.sessions?.length ?? 1
        sessions = withAll(sessions, change.sessions, most)
      } else return
      accounts = withAll(accounts, change.accounts, most)
    },
    take() {
      if (kinds.size === 0) return undefined
      const summary = {
        started,
        ended,
        sessions: sessions && [...sessions],
        accounts: accounts && [...accounts],
        touched: kinds.has('touched'),
        audit: kinds.has('audit'),
        others: kinds.has('accounts') || kinds.has('blocks') || kinds.has('policy'),
      }
      ;[started, ended] = [0, 0]
      ;[sessions, accounts, kinds] = [new Set(), new Set(), new Set()]
      return summary
    },
  }
}

function withAll(
  known: Set<string> | null,
  ids: readonly (SessionId | AccountId)[] | null,
  most: number,
): Set<string> | null {
  if (!known || !ids) return null
  for (const id of ids) known.add(shortId(id))
  return known.size > most ? null : known
}
