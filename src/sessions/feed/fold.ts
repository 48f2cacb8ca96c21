import type { Change } from '../../db/changes.js'
import type { AccountId, SessionId } from '../../db/ids.js'

/** More than this are not named over the wire: a page then asks about the rows on its screen. */
const MOST_NAMED = 600

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

export interface Folded {
  summary: Summary
  /** Short ids of all accounts whose sessions started or ended, however many; null: nobody knows whose. */
  whose: ReadonlySet<string> | null
}

export interface Fold {
  add(change: Change): void
  /** @returns undefined when nothing happened since the time before */
  take(): Folded | undefined
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
        sessions = withAll(sessions, change.sessions)
      } else return
      accounts = withAll(accounts, change.accounts)
    },
    take() {
      if (kinds.size === 0) return undefined
      const summary = {
        started,
        ended,
        sessions: named(sessions, most),
        accounts: named(accounts, most),
        touched: kinds.has('touched'),
        audit: kinds.has('audit'),
        others: kinds.has('accounts') || kinds.has('blocks') || kinds.has('policy'),
      }
      const folded = { summary, whose: accounts }
      ;[started, ended] = [0, 0]
      ;[sessions, accounts, kinds] = [new Set(), new Set(), new Set()]
      return folded
    },
  }
}

function withAll(known: Set<string> | null, ids: readonly (SessionId | AccountId)[] | null): Set<string> | null {
  if (!known || !ids) return null
  for (const id of ids) known.add(shortId(id))
  return known
}

const named = (ids: ReadonlySet<string> | null, most: number) => (ids && ids.size <= most ? [...ids] : null)
