import { count, desc, eq, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { isLive } from './live.js'

/** Where live sessions signed in from, for the map. */
export interface SessionPlace {
  country: string
  city: string | null
  latitude: number
  longitude: number
  count: number
}

/** The places with the most live sessions. */
export async function sessionPlaces(db: Database, most = 60): Promise<SessionPlace[]> {
  const rows = await db
    .select({
      country: sessions.country,
      city: sessions.city,
      latitude: sql<number>`avg(${sessions.latitude})::float8`,
      longitude: sql<number>`avg(${sessions.longitude})::float8`,
      count: count(),
    })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .where(sql`${sessions.latitude} is not null and ${sessions.country} is not null and ${isLive}`)
    .groupBy(sessions.country, sessions.city)
    .orderBy(desc(count()))
    .limit(most)
  return rows.flatMap((row) => (row.country ? [{ ...row, country: row.country }] : []))
}
