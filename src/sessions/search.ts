import { and, type Column, eq, gte, ilike, or, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { accounts, sessionAddresses, sessions } from '../db/schema.js'
import { canonicalAddress, canonicalNetwork } from '../devices/address.js'
import { isLive } from './live.js'
import type { SessionFilter } from './types.js'

/**
 * What a list, a count, a facet and a bulk act understand by a filter: all of them use this.
 * Over the joins of `selectSessions`. Indexes: sessions_live_* by the filter, sessions_account for an account.
 */
export function matches(filter: SessionFilter): SQL | undefined {
  return and(
    inState(filter.state ?? 'live'),
    filter.account ? eq(sessions.accountId, filter.account) : undefined,
    filter.app ? eq(sessions.appId, filter.app) : undefined,
    filter.ip ? fromNetwork(filter.ip) : undefined,
    filter.country ? valueOrUnknown(sessions.country, filter.country) : undefined,
    filter.browser ? valueOrUnknown(sessions.browser, filter.browser) : undefined,
    filter.os ? valueOrUnknown(sessions.os, filter.os) : undefined,
    filter.device ? sql`${sessions.deviceType} = ${filter.device}` : undefined,
    filter.method ? eq(sessions.method, filter.method) : undefined,
    filter.since ? gte(sessions.createdAt, filter.since) : undefined,
    filter.q?.trim() ? matchesText(filter.q.trim()) : undefined,
  )
}

/** How a filter names "we do not know": a country or browser that no row has. */
export const UNKNOWN_VALUE = 'unknown'

const valueOrUnknown = (column: Column, value: string) =>
  value === UNKNOWN_VALUE ? sql`${column} is null` : eq(column, value)

function inState(state: 'live' | 'ended' | 'all'): SQL | undefined {
  if (state === 'live') return isLive
  if (state === 'ended') return sql`not ${isLive}`
  return undefined
}

/** Signed in from there, or moved there since. Indexes: sessions_live_ip, session_addresses_ip. */
function fromNetwork(network: string): SQL {
  return sql`(${sessions.ip} <<= ${network}::inet or exists (
    select 1 from ${sessionAddresses}
    where ${sessionAddresses.sessionId} = ${sessions.id} and ${sessionAddresses.ip} <<= ${network}::inet))`
}

/** An id, an address or a network where it reads as one; else every word must be in the name or the e-mail address. */
function matchesText(text: string): SQL | undefined {
  if (validate(text)) {
    const id = text.toLowerCase()
    return sql`(${sessions.id} = ${id} or ${sessions.accountId} = ${id})`
  }
  const address = canonicalAddress(text)
  if (address) return fromNetwork(address)
  if (text.includes('/')) {
    const network = canonicalNetwork(text)
    if ('network' in network) return fromNetwork(network.network)
  }
  return and(...words(text).map((word) => or(ilike(accounts.name, word), ilike(accounts.email, word))))
}

export function words(text: string): string[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 8)
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`)
}
