import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import {
  type Database,
  type DatabaseOptions,
  type OpenDatabase,
  openDatabase,
  rowsOf,
} from '../../../src/db/connect.js'
import { addUpChanges } from '../../../src/sessions/lists/tallies.js'
import { startPostgres } from './databases.js'
import { seed } from './seed.js'

/** A database of many sessions, for `openDatabase` and for `startNode`. */
export interface PanelDatabase extends DatabaseOptions {
  /** The same for one that was measured before. */
  name: string
  /** Takes away what was made for this measurement alone. */
  remove(): Promise<void>
}

export interface PanelSize {
  live: number
  ended: number
  accounts: number
}

const keep = async () => {}

/** The one that `DATABASE_URL` names, which `npm run seed` has filled before; else one that is filled now. */
export async function panelPostgres(sessions: string): Promise<PanelDatabase> {
  const given = process.env['DATABASE_URL']
  if (given) return { url: given, dataDir: '', name: given, remove: keep }
  const cluster = await startPostgres()
  const database = { url: cluster.url('rollcall'), dataDir: '' }
  seed(database, sessions)
  return { ...database, name: 'own', remove: () => cluster.stop() }
}

/** @param kept a directory that is filled where it is empty, and stays; else a temporary one */
export function panelEmbedded(sessions: string, kept: string | undefined): PanelDatabase {
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'rollcall-panel-'))
  const removeFolder = () => rmSync(dataDir, { recursive: true, force: true })
  if (!kept) process.on('exit', removeFolder)
  if (!existsSync(join(dataDir, 'postgres'))) seed({ dataDir }, sessions)
  return { dataDir, name: 'embedded', remove: kept ? keep : async () => removeFolder() }
}

/** Works on the database before a server does: the embedded one serves one process. */
export async function withoutServer<T>(options: DatabaseOptions, work: (open: OpenDatabase) => Promise<T>): Promise<T> {
  const open = await openDatabase({ ...options, connections: 1 })
  try {
    await open.migrate()
    // Of ten million, some of what is asked to make the questions takes longer than a page may.
    await open.db.execute(sql`set statement_timeout = 0`)
    return await work(open)
  } finally {
    await open.close()
  }
}

/** What the seed counted is added up, as a running server soon has: until then each page does it. */
export async function settle({ db, kind }: OpenDatabase): Promise<PanelSize> {
  await addUpChanges(db)
  // PostgreSQL does by itself, some time after the seed; the embedded database never does.
  if (kind === 'postgres') await db.execute(sql`vacuum`)
  return readSize(db)
}

async function readSize(db: Database): Promise<PanelSize> {
  const [size] = rowsOf<PanelSize>(
    await db.execute(sql`
      select live, greatest(rows - live, 0) as ended, accounts from (
        select (select sum(n) from session_tallies where kind = 'all')::float8 as live,
          (select reltuples from pg_class where oid = 'sessions'::regclass)::float8 as rows,
          (select reltuples from pg_class where oid = 'accounts'::regclass)::float8 as accounts) counted`),
  )
  return size ?? { live: 0, ended: 0, accounts: 0 }
}
