import { type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import { apps, sessions } from '../../db/schema.js'
import { type Facet, type Facets, type Session, type SessionFilter, UNKNOWN_VALUE } from '../types.js'
import { TALLIED, type Tallied, type Tallies, talliedPart } from './tallies.js'

/** How many of these sessions have each value. One pass. */
export async function countFacets(db: Database, ids: SQL): Promise<Facets> {
  const result = await db.execute(sql`
    select app_id::text as app, country, browser, os, device_type as device, method,
           grouping(app_id) as g_app, grouping(country) as g_country, grouping(browser) as g_browser,
           grouping(os) as g_os, grouping(device_type) as g_device, grouping(method) as g_method,
           count(*)::int as count
    from ${sessions} where id = any(array(${ids}))
    group by grouping sets ((app_id), (country), (browser), (os), (device_type), (method))
    order by count desc, 1, 2, 3, 4, 5, 6`)
  const rows = rowsOf<Record<string, string | number | null>>(result)
  const names = await appNames(db)
  return eachOf((name) =>
    rows
      .filter((row) => row[`g_${name}`] === 0)
      .map((row) => {
        const value = String(row[name] ?? UNKNOWN_VALUE)
        return { value, label: labelOf(name, value, names), count: Number(row.count) }
      }),
  )
}

/** The same of sessions that are there already. */
export function facetsAmong(listed: readonly Session[]): Facets {
  const names = new Map(listed.map(({ app }) => [app.id as string, app.name]))
  return eachOf((name) => {
    const counts = new Map<string, number>()
    for (const session of listed) {
      const value = VALUE_OF[name](session) ?? UNKNOWN_VALUE
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    return [...counts]
      .map(([value, count]) => ({ value, label: labelOf(name, value, names), count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  })
}

const VALUE_OF: Record<Tallied, (session: Session) => string | null> = {
  app: ({ app }) => app.id,
  country: ({ place }) => place.country,
  browser: ({ device }) => device.browser,
  os: ({ device }) => device.os,
  device: ({ device }) => device.type,
  method: ({ method }) => method,
}

/** Apps are few. */
export async function appNames(db: Database): Promise<Map<string, string>> {
  const rows = await db.select({ id: apps.id, name: apps.name }).from(apps)
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/**
 * The same from the tallies, at any number of sessions: exact with no filter or one of them, an estimate with more. What
 * else the filter narrows by is not looked at.
 */
export function tallyFacets(tallies: Tallies, filter: SessionFilter, appNames: ReadonlyMap<string, string>): Facets {
  return eachOf((name) => {
    const others = talliedPart(filter).filter(([other]) => other !== name)
    return tallies
      .values(name)
      .map((value) => ({
        value,
        label: labelOf(name, value, appNames),
        count: estimate(tallies, [...others, [name, value]]),
      }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count)
  })
}

function labelOf(name: Tallied, value: string, appNames: ReadonlyMap<string, string>): string {
  if (value === UNKNOWN_VALUE) return 'Unknown'
  return name === 'app' ? (appNames.get(value) ?? value) : value
}

/**
 * How many sessions have all of these values. Exact up to two of them. Of more, the two that meet least often are taken,
 * and each further value keeps that share of them that it keeps of the one it goes with least: never more than any pair.
 */
export function estimate(tallies: Tallies, given: [Tallied, string][]): number {
  const [one, other] = given
  if (!one) return tallies.total
  if (!other) return tallies.of(...one)
  const pairs = given.flatMap((first, n) =>
    given.slice(n + 1).map((second) => ({ first, second, n: tallies.ofPair(first, second) })),
  )
  const rarest = pairs.reduce((least, pair) => (pair.n < least.n ? pair : least))
  const rest = given.filter((value) => value !== rarest.first && value !== rarest.second)
  const share = rest.map((value) =>
    Math.min(
      ...[rarest.first, rarest.second].map((with_) => tallies.ofPair(value, with_) / Math.max(1, tallies.of(...with_))),
    ),
  )
  return Math.round(share.reduce((all, part) => all * part, rarest.n))
}

/** One list for each kind of facet. */
export const eachOf = (of: (name: Tallied) => Facet[]): Facets =>
  Object.fromEntries(TALLIED.map((name) => [name, of(name)])) as unknown as Facets
