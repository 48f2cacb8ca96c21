import { asc, eq, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { type AppId, newId } from '../db/ids.js'
import { apps } from '../db/schema.js'
import { authorityOf } from './authority.js'

/** A relying application: keys and sessions belong to one. */
export interface App {
  id: AppId
  name: string
  createdAt: Date
  /** Its sessions are over and none starts, while it is set. */
  disabledAt: Date | null
  /** What its processes do when they can't tell whether a session is good. */
  onUnavailable: 'deny' | 'allow-cached'
}

/**
 * Makes an app.
 *
 * @returns `exists` when another one has that name; `refused` to anybody but an owner
 */
export async function createApp(
  db: Database,
  name: string,
  by: Actor,
): Promise<{ status: 'created'; app: App } | { status: 'exists' } | { status: 'refused'; why: 'not-allowed' }> {
  return db.transaction(async (tx) => {
    if ((await authorityOf(tx, by)) !== 'owner') return { status: 'refused', why: 'not-allowed' }
    const [app] = await tx.insert(apps).values({ id: newId<AppId>(), name }).onConflictDoNothing().returning(columns)
    if (!app) return { status: 'exists' }
    await recordAudit(tx, by, 'app.created', { target: { kind: 'app', id: app.id, name } })
    return { status: 'created', app }
  })
}

/** In the order of their names. An installation has tens of them. */
export async function listApps(db: Database): Promise<App[]> {
  return db
    .select(columns)
    .from(apps)
    .orderBy(asc(sql`lower(${apps.name})`))
    .limit(1_000)
}

export async function findApp(db: Database, id: AppId): Promise<App | undefined> {
  const [app] = await db.select(columns).from(apps).where(eq(apps.id, id))
  return app
}

const columns = {
  id: apps.id,
  name: apps.name,
  createdAt: apps.createdAt,
  disabledAt: apps.disabledAt,
  onUnavailable: apps.onUnavailable,
}
