import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { InWords } from '../inWords.js'
import { PROJECT_ROOT } from '../root.js'
import type { Database } from './database.js'
import { rowsOf } from './database.js'

export const MIGRATIONS = join(PROJECT_ROOT, 'drizzle')

const Journal = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) })

/** The schema was migrated by a newer Rollcall than this one. */
export class NewerSchema extends InWords {
  readonly code = 'newer_schema'
  constructor() {
    super(
      'The database was migrated by a newer version of Rollcall. Start that version (or a later one), or restore a backup from before the update. Nothing was changed.',
    )
  }
}

/**
 * Stops an older binary before it writes into tables that it does not know (S-75).
 *
 * @throws NewerSchema
 */
export async function refuseNewerSchema(db: Database): Promise<void> {
  if (await isNewerSchema(db)) throw new NewerSchema()
}

/** Whether a newer Rollcall has migrated the database, perhaps since this one started. */
export async function isNewerSchema(db: Database): Promise<boolean> {
  const [there] = rowsOf<{ there: boolean }>(
    await db.execute(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`),
  )
  if (!there?.there) return false
  const [last] = rowsOf<{ last: string | number | null }>(
    await db.execute(sql`select max(created_at) as last from drizzle.__drizzle_migrations`),
  )
  return Number(last?.last ?? 0) > newestKnown()
}

let newest: number | undefined

/** Read once: an update may lay its files over those of the process that still runs. */
function newestKnown(): number {
  if (newest === undefined) {
    const known = Journal.parse(JSON.parse(readFileSync(join(MIGRATIONS, 'meta', '_journal.json'), 'utf8')))
    newest = Math.max(...known.entries.map((entry) => entry.when))
  }
  return newest
}
