import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AppId, newId } from '../../db/ids.js'
import { apps } from '../../db/schema.js'
import { authorityOf } from '../authority.js'
import type { AppIcon, Integration, Role } from '../types.js'

/** A relying application: keys and sessions belong to one. */
export interface App {
  id: AppId
  name: string
  icon: AppIcon
  /** How it asks Rollcall, where whoever added it said so. */
  integration: Integration | null
  createdAt: Date
  /** Its sessions are over and none starts, while it is set. */
  disabledAt: Date | null
  /** What its processes do when they can't tell whether a session is good. */
  onUnavailable: 'deny' | 'allow-cached'
  /** Seconds; null, here and in the limit: what holds for everyone. */
  idleTimeout: number | null
  absoluteTimeout: number | null
  /** Live sessions of an account in it. */
  sessionLimit: number | null
  /** The least role that signs in to it. */
  role: Role
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
  { icon, integration }: { icon?: AppIcon | undefined; integration?: Integration | undefined } = {},
): Promise<{ status: 'created'; app: App } | { status: 'exists' } | { status: 'refused'; why: 'not-allowed' }> {
  return db.transaction(async (tx) => {
    if ((await authorityOf(tx, by)) !== 'owner') return { status: 'refused', why: 'not-allowed' }
    await lockAppNames(tx)
    const values = { id: newId<AppId>(), name, ...(icon ? { icon } : {}), integration: integration ?? null }
    const [app] = await tx.insert(apps).values(values).onConflictDoNothing().returning(columns)
    if (!app) return { status: 'exists' }
    await recordAudit(tx, by, 'app.created', { target: { kind: 'app', id: app.id, name } })
    return { status: 'created', app }
  })
}

/** Whoever gives an app a name takes its turn: two that want the same one are told so, and neither fails. */
export async function lockAppNames(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall app names'))`)
}

/** In the order of their names, without deleted ones. An installation has tens of them. */
export async function listApps(db: Database): Promise<App[]> {
  return db
    .select(columns)
    .from(apps)
    .where(isNull(apps.deletedAt))
    .orderBy(asc(sql`lower(${apps.name})`))
    .limit(1_000)
}

/** @returns undefined for a deleted one too */
export async function findApp(db: Database, id: AppId): Promise<App | undefined> {
  const [app] = await db
    .select(columns)
    .from(apps)
    .where(and(eq(apps.id, id), isNull(apps.deletedAt)))
  return app
}

const columns = {
  id: apps.id,
  name: apps.name,
  icon: apps.icon,
  integration: apps.integration,
  createdAt: apps.createdAt,
  disabledAt: apps.disabledAt,
  onUnavailable: apps.onUnavailable,
  idleTimeout: apps.idleTimeout,
  absoluteTimeout: apps.absoluteTimeout,
  sessionLimit: apps.sessionLimit,
  role: apps.role,
}
