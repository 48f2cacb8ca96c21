import { eq, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor, AuditAction } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { type AppId, BUILT_IN_APP } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { apps } from '../db/schema.js'
import { endAll } from '../sessions/endings.js'
import { appendRevocations } from '../sessions/revocations.js'
import { type App, findApp } from './apps.js'
import { authorityOf } from './authority.js'

export interface AppChanges {
  /** Its sessions end, none starts, and every token is denied, until it is enabled again. Its keys go on. */
  disabled?: boolean | undefined
  /** What its processes do when they can't tell whether a session is good. "allow-cached" is a risk. */
  onUnavailable?: App['onUnavailable'] | undefined
  reason?: string | null | undefined
}

export type AppChanged =
  /** `ended`: sessions, see `endAll`. */
  | { status: 'changed' | 'unchanged'; app: App; ended: number }
  | { status: 'refused'; why: 'not-allowed' | 'built-in-app' }

/**
 * Changes how an app is treated. Enabling gives nothing back: what ended stays ended.
 *
 * @param by an owner, or a key with scope `admin`
 * @returns undefined when there is no such app
 */
export async function changeApp(
  db: Database,
  id: AppId,
  changes: AppChanges,
  by: Actor,
): Promise<AppChanged | undefined> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from ${apps} where ${apps.id} = ${id} for no key update`)
    const before = await findApp(tx, id)
    if (!before) return undefined
    const why = await whyNot(tx, id, by)
    if (why) {
      await record(tx, by, actionOf(changes), before, { result: 'refused', reason: changes.reason, details: { why } })
      return { status: 'refused', why }
    }
    const turned = changes.disabled !== undefined && changes.disabled !== (before.disabledAt !== null)
    const ended = turned ? await turn(tx, before, changes, by) : 0
    const set = changes.onUnavailable !== undefined && changes.onUnavailable !== before.onUnavailable
    if (set) await setOnUnavailable(tx, before, changes, by)
    if (turned || set) await announce(tx, { kind: 'policy' })
    return { status: turned || set ? 'changed' : 'unchanged', app: (await findApp(tx, id)) ?? before, ended }
  })
}

export const disableApp = (db: Database, id: AppId, reason: string | null, by: Actor) =>
  changeApp(db, id, { disabled: true, reason }, by)

export const enableApp = (db: Database, id: AppId, reason: string | null, by: Actor) =>
  changeApp(db, id, { disabled: false, reason }, by)

/** The panel itself can't be switched off from within. */
async function whyNot(tx: Database, id: AppId, by: Actor) {
  if ((await authorityOf(tx, by)) !== 'owner') return 'not-allowed'
  return id === BUILT_IN_APP ? 'built-in-app' : undefined
}

/** A sign-in under way carries the old generation: it is dead on arrival, as if the app had been disabled first (S-13). */
async function turn(tx: Database, app: App, { disabled, reason }: AppChanges, by: Actor): Promise<number> {
  await tx
    .update(apps)
    .set({ disabledAt: disabled ? sql`now()` : null })
    .where(eq(apps.id, app.id))
  if (!disabled) {
    await appendRevocations(tx, [{ kind: 'app', target: app.id }])
    await record(tx, by, 'app.enabled', app, { reason })
    return 0
  }
  const ending = { reason: 'app-disabled', by, note: reason ?? null } as const
  const ended = (await endAll(tx, { kind: 'app', target: app.id }, ending))?.ended ?? 0
  await record(tx, by, 'app.disabled', app, { reason, details: { ended } })
  return ended
}

async function setOnUnavailable(tx: Database, app: App, { onUnavailable, reason }: AppChanges, by: Actor) {
  await tx.update(apps).set({ onUnavailable }).where(eq(apps.id, app.id))
  await appendRevocations(tx, [{ kind: 'app', target: app.id }])
  const details = { before: { onUnavailable: app.onUnavailable }, after: { onUnavailable } }
  await record(tx, by, 'app.changed', app, { reason, details })
}

const actionOf = ({ disabled }: AppChanges): AppAction => {
  if (disabled === undefined) return 'app.changed'
  return disabled ? 'app.disabled' : 'app.enabled'
}

type AppAction = Extract<AuditAction, 'app.changed' | 'app.disabled' | 'app.enabled'>

const record = (tx: Database, by: Actor, action: AppAction, app: App, entry: Parameters<typeof recordAudit>[3]) =>
  recordAudit(tx, by, action, { target: { kind: 'app', id: app.id, name: app.name }, ...entry })
