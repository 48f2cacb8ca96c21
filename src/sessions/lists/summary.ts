import type { Database } from '../../db/connect.js'
import { isWhole, type Page } from '../../db/page.js'
import { type Count, type Facets, LOOKED_AT, type Session, type SessionFilter } from '../types.js'
import { countLive } from './counts.js'
import { appNames, countFacets, eachOf, estimate, facetsAmong, tallyFacets } from './facets.js'
import { isAnythingMarked, onlyTallied, readTallies, talliedPart } from './tallies.js'
import { newestMatching } from './walk.js'

/** Of what the tallies do not know, so many are counted. */
const COUNTED = 500
/** Below this an estimate is as good as a number: only what is over by time alone, and not marked yet, is in it. */
const ABOUT_FROM = 10_000

export interface Summary {
  count: Count
  facets: Facets
  /** Many that ended together are still in the tallies: no value has a number until their rows are marked. */
  isMarking?: true
}

/**
 * How many sessions match, and how many of them have each value that one may narrow by. At any size: by looking at each
 * where they are few, from the tallies where they tell, and by the newest ones else.
 *
 * @param listed the page of the list that this stands beside: where it is all there is, nothing need be asked
 */
export async function summarise(
  db: Database,
  filter: SessionFilter,
  listed?: Promise<Page<Session>>,
): Promise<Summary> {
  // What a search finds is found by an index: looking at it beside the page costs less than waiting for the page.
  const list = onlyTallied(filter) || filter.q ? undefined : await listed
  if (list && isWhole(list)) {
    return { count: { n: list.items.length, how: 'exact' }, facets: facetsAmong(list.items) }
  }
  const given = talliedPart(filter)
  const { state = 'live' } = filter
  const tallies = await readTallies(db, given, state)
  const isSmall = tallies.total <= LOOKED_AT
  if (!isSmall && onlyTallied(filter)) {
    const facets = tallyFacets(tallies, filter, await appNames(db))
    const isMarking = state === 'live' && (await isAnythingMarked(db))
    if (isMarking && given.length > 0) {
      const n = Math.min(estimate(tallies, given), (await countLive(db)).n)
      return { count: { n, how: 'up to' }, facets: uncounted(facets), isMarking }
    }
    const n = state === 'live' && given.length === 0 ? (await countLive(db)).n : estimate(tallies, given)
    const how = n >= ABOUT_FROM || given.length > 2 ? 'about' : 'exact'
    const count: Count = { n, how }
    return isMarking ? { count, facets: uncounted(facets), isMarking } : { count, facets }
  }
  const limit = isSmall ? LOOKED_AT : COUNTED
  const found = await newestMatching(db, filter, limit + 1)
  const facets = await countFacets(db, found)
  const n = facets.device.reduce((sum, facet) => sum + (facet.count ?? 0), 0)
  return n <= limit
    ? { count: { n, how: 'exact' }, facets }
    : { count: { n: limit, how: 'over' }, facets: uncounted(facets) }
}

const uncounted = (facets: Facets): Facets =>
  eachOf((name) => facets[name].map((facet) => ({ ...facet, count: undefined })))
