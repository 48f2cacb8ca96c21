import { and, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AppId, BUILT_IN_APP } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { protectedHosts } from '../../db/schema/forward.js'
import { apps } from '../../db/schema.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { authorityOf } from '../authority.js'
import { type App, findApp } from './apps.js'
import { listKeys, revoke } from './keys.js'

export type AppDeleted =
  | { status: 'deleted'; app: App }
  | { status: 'not-disabled' }
  | { status: 'refused'; why: 'not-allowed' | 'built-in-app' }

/**
 * Deletes an app that is disabled: its keys are revoked, its hosts are let in no more, its name is free. Ended sessions
 * stay listed under its name for as long as they are kept, and the audit log keeps what it says.
 *
 * @param by an owner, or a key with scope `admin`
 * @returns undefined when there is no such app
 */
export async function deleteApp(db: Database, id: AppId, by: Actor): Promise<AppDeleted | undefined> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from ${apps} where ${apps.id} = ${id} for no key update`)
    const app = await findApp(tx, id)
    if (!app) return undefined
    const target = { kind: 'app', id, name: app.name } as const
    const why = await whyNot(tx, id, by)
    if (why) {
      await recordAudit(tx, by, 'app.deleted', { result: 'refused', target, details: { why } })
      return { status: 'refused', why }
    }
    if (!app.disabledAt) return { status: 'not-disabled' }
    const keys = (await listKeys(tx, { appId: id })).filter(({ revokedAt }) => !revokedAt)
    for (const key of keys) await revoke(tx, key, by)
    const hosts = await tx.delete(protectedHosts).where(eq(protectedHosts.appId, id)).returning()
    await tx
      .update(apps)
      .set({ deletedAt: sql`now()` })
      .where(and(eq(apps.id, id), isNull(apps.deletedAt)))
    await appendRevocations(tx, [{ kind: 'app', target: id }])
    await recordAudit(tx, by, 'app.deleted', {
      target,
      details: { keys: keys.length, hosts: hosts.map(({ host }) => host) },
    })
    await announce(tx, { kind: 'policy' })
    return { status: 'deleted', app }
  })
}

async function whyNot(tx: Database, id: AppId, by: Actor) {
  if ((await authorityOf(tx, by)) !== 'owner') return 'not-allowed'
  return id === BUILT_IN_APP ? 'built-in-app' : undefined
}
