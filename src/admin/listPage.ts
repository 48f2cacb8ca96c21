import { BadCursor, type Page, type PageRequest } from '../db/page.js'
import { isBackground } from '../http/authorise.js'
import type { AppContext } from '../http/env.js'
import type { Nonsense } from '../http/parse.js'

/** The page at a place in a list. A place that is none, or of another filter, leads to the list's beginning, and is named. */
export async function pageAt<T>(
  { after, before }: PageRequest,
  nonsense: Nonsense[],
  list: (request: PageRequest) => Promise<Page<T>>,
): Promise<Page<T>> {
  try {
    return await list({ after, before })
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error
    nonsense.push({ field: after ? 'after' : 'before', value: '', message: 'belongs to no page of this list' })
    return list({})
  }
}

/**
 * A list of which a part could not be read is drawn, and is a bad request all the same (S-56). Within an open page it is
 * not: its refresh is no request anew, and of a search the page would say that it did not work.
 */
export const statusOf = (c: AppContext, nonsense: Nonsense[]): 200 | 400 =>
  nonsense.length > 0 && !isBackground(c) && !c.req.header('hx-request') ? 400 : 200
