import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { isAtOrPast, parseSnapshot } from '../../follower/snapshot.js'
import type { Snapshot } from '../../follower/types.js'

/** Which database answered, and as of when. */
export interface Here {
  snapshot: Snapshot
  /** Database time, ms since 1970. */
  nowMs: number
}

/** A standby, or a database that has not seen what this process has applied. It is never asked for a verdict (S-19). */
export class WrongDatabase extends Error {
  readonly code = 'wrong_database'
}

/** Changes when the server starts, and when it recovers from a crash (which begins its statistics anew). */
const RUN = sql`pg_postmaster_start_time()::text || coalesce(pg_stat_get_bgwriter_stat_reset_time()::text, '')`

/**
 * The columns that every question of the engine brings along.
 *
 * An era is one run of one server on one timeline. Only within a run are transaction ids given out once: a crash gives
 * those out again that left no trace on disk, a backup that is put back those that came after it. The timeline comes from
 * where the log is written: straight after a promotion the control file still names the old one until the next
 * checkpoint. All of it is allowed to an ordinary role.
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CONTROLDATA
 */
export const hereColumns = {
  /** Null on a standby. */
  era: sql<string | null>`case when not pg_is_in_recovery() then
    (select system_identifier::text from pg_control_system()) || '.' ||
    left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '.' || left(md5(${RUN}), 12) end`,
  snapshot: sql<string>`pg_current_snapshot()::text`,
  nowMs: sql<number>`(extract(epoch from now()) * 1000)::float8`,
}

/** The same for statements in SQL. */
export const HERE = sql`${hereColumns.era} as era, ${hereColumns.snapshot} as snapshot, ${hereColumns.nowMs} as "nowMs"`

export const HereRow = z.object({
  era: z.string().nullable(),
  snapshot: z.string(),
  nowMs: z.number(),
})

/**
 * @param applied what this process knows already
 * @throws WrongDatabase when the answer may lack some of it
 */
export function readHere(row: z.infer<typeof HereRow>, applied?: Snapshot): Here {
  const snapshot = row.era === null ? undefined : parseSnapshot(`${row.era};${row.snapshot}`)
  if (!snapshot) {
    throw new WrongDatabase('a standby answered in the place of the database: it may not have heard of everything yet')
  }
  if (applied && !isAtOrPast(snapshot, applied)) {
    throw new WrongDatabase('a database answered that has not seen what this process has: it was replaced, or set back')
  }
  return { snapshot, nowMs: row.nowMs }
}
