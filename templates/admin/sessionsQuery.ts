import type { SessionFilter, SessionSort } from '../../src/sessions/types.js'

/** The list's query string, every part as it stands in the address. */
export type SessionsQuery = Pick<
  SessionFilter,
  'q' | 'country' | 'browser' | 'version' | 'os' | 'device' | 'method' | 'unseenDays' | 'state'
> & {
  app?: string | undefined
  account?: string | undefined
  ip?: string | undefined
  since?: string | undefined
  sort?: SessionSort | undefined
  after?: string | undefined
  before?: string | undefined
}

/** Where all that match are signed out: what it would hit is shown first. */
export function revokeMatchingPath({ state, sort, after, before, ...filter }: SessionsQuery): string {
  const [, query = ''] = sessionsPath(filter).split('?')
  return `/admin/sessions/revoke-matching?${query}`
}

/** The list's address with these filters; what is not set is left out, and so is an order that ended sessions don't have. */
export function sessionsPath(filter: SessionsQuery): string {
  const { state = 'live', sort } = filter
  const sorts = state === 'live' || !(sort === 'seen' || sort === 'unseen')
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...filter, sort: sorts ? sort : undefined }))
    if (value && !(name === 'state' && value === 'live')) query.set(name, String(value))
  return query.size ? `/admin/sessions?${query}` : '/admin/sessions'
}
