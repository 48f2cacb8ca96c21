import { eq } from 'drizzle-orm'
import { countText } from '../../audit/words.js'
import type { Database } from '../../db/connect.js'
import { accounts, apps } from '../../db/schema.js'
import { countryName } from '../../devices/words.js'
import { type SessionFilter, UNKNOWN_VALUE } from '../types.js'

/**
 * A filter as the audit log tells it, with the names of now.
 *
 * @example "network 203.0.113.0/24, browser Chrome 98, app Billing"
 */
export async function filterWords(db: Database, filter: SessionFilter): Promise<string> {
  const [account] = filter.account
    ? await db.select({ name: accounts.name }).from(accounts).where(eq(accounts.id, filter.account))
    : []
  const [app] = filter.app ? await db.select({ name: apps.name }).from(apps).where(eq(apps.id, filter.app)) : []
  const words = [
    filter.q && `search “${filter.q}”`,
    filter.ip && `${filter.ip.includes('/') ? 'network' : 'address'} ${filter.ip}`,
    filter.country && `country ${known(filter.country, countryName)}`,
    filter.browser && ['browser', known(filter.browser), filter.version].filter(Boolean).join(' '),
    filter.os && `system ${known(filter.os)}`,
    filter.device && `device ${filter.device}`,
    filter.method && `signed in with ${filter.method}`,
    filter.since && `signed in since ${filter.since.toISOString()}`,
    filter.unseenDays && `not seen for ${countText(filter.unseenDays, 'day')}`,
    filter.account && `account ${account?.name ?? filter.account}`,
    filter.app && `app ${app?.name ?? filter.app}`,
  ]
  return words.filter(Boolean).join(', ')
}

/**
 * The same without what names people. The account stands last but for the app, and the search first.
 *
 * @param shorten what is put in a name's place
 */
export function withoutPeople(words: string, shorten: (name: string) => string): string {
  return words
    .replace(/^search “.*”(?=,|$)/su, 'a search')
    .replace(
      /(^|, )account (.+?)((?:, app .*)?)$/su,
      (_, before, name, app) => `${before}account ${shorten(name)}${app}`,
    )
}

const known = (value: string, name = (text: string) => text) => (value === UNKNOWN_VALUE ? value : name(value))
