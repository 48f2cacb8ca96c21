import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import { sessionTallies } from '../../db/schema.js'

/** Where live sessions signed in from, for the map. */
export interface SessionPlace {
  country: string
  city: string | null
  latitude: number
  longitude: number
  count: number
}

/** The places with the most live sessions, as of some seconds ago. Index: session_tallies' key, by kind. */
export async function sessionPlaces(db: Database, most = 60): Promise<SessionPlace[]> {
  const rows = rowsOf<{ country: string; city: string; latitude: number; longitude: number; n: string }>(
    await db.execute(sql`
      select a as country, b as city, latitude, longitude, n from ${sessionTallies}
      where kind = 'city' and a <> '' and latitude is not null and n > 0
      order by n desc limit ${most}`),
  )
  return rows.map(({ city, n, ...place }) => ({ ...place, city: city || null, count: Number(n) }))
}
