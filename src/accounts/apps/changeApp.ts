import { and, eq, ne, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor, AuditAction } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AppId, BUILT_IN_APP } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { apps } from '../../db/schema.js'
import { endAll } from '../../sessions/endings.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { authorityOf } from '../authority.js'
import { readSettings } from '../settings.js'
import { atLeast } from '../types.js'
import { type App, findApp, lockAppNames } from './apps.js'
import { type AppTerms, changedTerms, termsProblem } from './appTerms.js'

export interface AppChanges extends AppTerms {
  /** Its sessions end, none starts, and every token is denied, until it is enabled again. Its keys go on. */
  disabled?: boolean | undefined
  reason?: string | null | undefined
}

export type AppChanged =
  /** `ended`: sessions, see `endAll`. */
  | { status: 'changed' | 'unchanged'; app: App; ended: number }
  | { status: 'exists' }
  | { status: 'invalid'; path: keyof AppTerms; problem: string }
  | { status: 'refused'; why: 'not-allowed' | 'built-in-app' }

/**
 * Changes how an app is treated, for sessions that are there too. Enabling gives nothing back: what ended stays ended.
 * Where a higher role is needed than before, everyone in it is signed out: whoever still may signs in again.
 *
 * @param by an owner, or a key with scope `admin`
 * @returns undefined when there is no such app; `exists` when another one has the name
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
    const terms = changedTerms(before, changes)
    const problem = termsProblem({ ...before, ...terms }, terms, await readSettings(tx))
    if (problem) return { status: 'invalid', ...problem }
    if (terms.name !== undefined && (await isTaken(tx, id, terms.name))) return { status: 'exists' }

    const turned = changes.disabled !== undefined && changes.disabled !== (before.disabledAt !== null)
    const set = Object.keys(terms).length > 0
    const endedByTerms = set ? await setTerms(tx, before, terms, changes.reason, by) : 0
    const ended = turned ? await turn(tx, before, changes, by) : 0
    if (turned || set) await announce(tx, { kind: 'policy' })
    const app = (await findApp(tx, id)) ?? before
    return { status: turned || set ? 'changed' : 'unchanged', app, ended: ended + endedByTerms }
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

async function isTaken(tx: Database, id: AppId, name: string): Promise<boolean> {
  await lockAppNames(tx)
  const [other] = await tx
    .select({ id: apps.id })
    .from(apps)
    .where(and(sql`lower(${apps.name}) = lower(${name})`, ne(apps.id, id), sql`${apps.deletedAt} is null`))
  return other !== undefined
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

/** The entry has each process read anew what it remembers of the app: policy, and the name that its keys show. */
async function setTerms(
  tx: Database,
  app: App,
  terms: Partial<App>,
  reason: string | null | undefined,
  by: Actor,
): Promise<number> {
  await tx.update(apps).set(terms).where(eq(apps.id, app.id))
  const raised = terms.role !== undefined && !atLeast(app.role, terms.role)
  const ending = { reason: 'revoked', by, note: reason ?? 'A higher role is needed to sign in.' } as const
  const ended = raised ? await endAll(tx, { kind: 'app', target: app.id }, ending) : undefined
  if (!raised) await appendRevocations(tx, [{ kind: 'app', target: app.id }])
  const before = Object.fromEntries(Object.keys(terms).map((name) => [name, app[name as keyof App]]))
  const details = { before, after: { ...terms }, ...(ended ? { ended: ended.ended } : {}) }
  await record(tx, by, 'app.changed', app, { reason, details })
  return ended?.ended ?? 0
}

const actionOf = ({ disabled }: AppChanges): AppAction => {
  if (disabled === undefined) return 'app.changed'
  return disabled ? 'app.disabled' : 'app.enabled'
}

type AppAction = Extract<AuditAction, 'app.changed' | 'app.disabled' | 'app.enabled'>

const record = (tx: Database, by: Actor, action: AppAction, app: App, entry: Parameters<typeof recordAudit>[3]) =>
  recordAudit(tx, by, action, { target: { kind: 'app', id: app.id, name: app.name }, ...entry })
