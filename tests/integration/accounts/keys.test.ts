import { and, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { changeKey, type KeyChanges } from '../../../src/accounts/apps/changeKey.js'
import { deleteApp } from '../../../src/accounts/apps/deleteApp.js'
import {
  createKey,
  ensureBootstrapKey,
  findKey,
  findKeyBySecret,
  listKeys,
  revokeKey,
} from '../../../src/accounts/apps/keys.js'
import { replaceKey } from '../../../src/accounts/apps/replaceKey.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP, type KeyId, newId } from '../../../src/db/ids.js'
import { apiKeys, apps, auditEvents, revocations } from '../../../src/db/schema.js'
import { acting, anAccount, anApp, anOwner } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { atTheSameTime } from './interleave.js'

const made = async (db: Database, wanted: Partial<Parameters<typeof createKey>[1]> = {}) => {
  const result = await createKey(
    db,
    { appId: BUILT_IN_APP, name: 'Deploy script', scopes: ['sessions:read'], ...wanted },
    SYSTEM,
  )
  if (result.status !== 'created') throw new Error(result.why)
  return result
}
const bootstrap = (letter: string) => `rck_${letter.repeat(43)}`

describe('API keys', () => {
  eachDatabase((database) => {
    it('S-60 a key is rck_ and 256 random bits, works, and belongs to its app with its scopes', async () => {
      const { db } = database
      const appId = await anApp(db, { name: 'Wiki' })
      const { key, secret } = await made(db, { appId, scopes: ['sessions:verify', 'sessions:read', 'sessions:verify'] })
      expect(secret).toMatch(/^rck_[A-Za-z0-9_-]{43}$/)
      expect(Buffer.from(secret.slice(4), 'base64url')).toHaveLength(32)
      expect(await findKeyBySecret(db, secret)).toMatchObject({
        id: key.id,
        app: { id: appId, name: 'Wiki' },
        scopes: ['sessions:verify', 'sessions:read'],
      })
    })

    it('S-60 only the hash is stored; the secret is in no list, no row, no line of the log', async () => {
      const { db } = database
      const { key, secret } = await made(db)
      const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, key.id))
      expect(row?.keyHash).toHaveLength(32)
      const everything = JSON.stringify([row, await listKeys(db), await db.select().from(auditEvents)])
      expect(everything).not.toContain(secret.slice(4, 30))
      expect(key.hint).toBe(secret.slice(-4))
    })

    it.each([
      '',
      'rck_',
      'rck_short',
      `rck_${'A'.repeat(43)}`,
      `RCK_${'A'.repeat(43)}`,
      `rck_${'A'.repeat(44)}`,
      `rck_${'A'.repeat(42)}=`,
      'x'.repeat(100_000),
    ])('S-60 a made-up key is none (%#)', async (secret) => {
      expect(await findKeyBySecret(database.db, secret)).toBeUndefined()
    })

    it('S-60 a revoked key is refused at once, and that is in both logs, once', async () => {
      const { db } = database
      const { key, secret } = await made(db)
      for (let n = 0; n < 2; n++)
        expect(await revokeKey(db, key.id, SYSTEM)).toMatchObject({
          status: 'revoked',
          key: { revokedAt: expect.any(Date) },
        })
      expect(await findKeyBySecret(db, secret)).toBeUndefined()
      expect(await db.$count(revocations, and(eq(revocations.kind, 'key'), eq(revocations.target, key.id)))).toBe(1)
      expect(
        await db.$count(auditEvents, and(eq(auditEvents.action, 'key.revoked'), eq(auditEvents.targetId, key.id))),
      ).toBe(1)
      expect((await listKeys(db)).find(({ id }) => id === key.id)).toMatchObject({ revokedAt: expect.any(Date) })
    })

    it('S-62 a changed key says what it was and is, in both logs, once; what stays as it is leaves no line', async () => {
      const { db } = database
      const { key } = await made(db, { requestsPerMinute: 60 })
      const change = (changes: KeyChanges) => changeKey(db, key.id, changes, SYSTEM)
      expect(await change({ name: ' Night job ', requestsPerMinute: 60 })).toMatchObject({
        status: 'changed',
        key: { name: 'Night job', requestsPerMinute: 60 },
      })
      expect(await change({ name: 'Night job', requestsPerMinute: undefined })).toMatchObject({ status: 'unchanged' })
      expect(await change({ name: ' ' })).toEqual({ status: 'refused', why: 'no-name' })
      expect(await findKey(db, key.id)).toMatchObject({ ...key, name: 'Night job' })
      expect(await db.$count(revocations, and(eq(revocations.kind, 'key'), eq(revocations.target, key.id)))).toBe(1)
      const events = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.action, 'key.changed'), eq(auditEvents.targetId, key.id)))
      expect(events).toMatchObject([
        {
          targetName: 'Deploy script',
          details: { app: 'Rollcall', before: { name: 'Deploy script' }, after: { name: 'Night job' } },
        },
      ])
    })

    it('S-60 a key that another replaces lasts no longer than it would have, however long it may go on', async () => {
      const { db } = database
      const expiresAt = new Date(Date.now() + 86_400_000)
      const { key } = await made(db, { expiresAt })
      const replaced = await replaceKey(db, key.id, new Date(Date.now() + 7 * 86_400_000), SYSTEM)
      expect(replaced).toMatchObject({ status: 'replaced', old: { expiresAt } })
    })

    it('S-60 a scope that a newer version gave a key gives it nothing here', async () => {
      const { db } = database
      const { key, secret } = await made(db)
      await db.execute(sql`update api_keys set scopes = '{sessions:read,sessions:future}' where id = ${key.id}`)
      expect((await findKeyBySecret(db, secret))?.scopes).toEqual(['sessions:read'])
    })

    it('a key that is over is not changed, nor one that was never there', async () => {
      const { db } = database
      const [gone, over] = [await made(db), await made(db)]
      await revokeKey(db, gone.key.id, SYSTEM)
      await db.update(apiKeys).set({ expiresAt: sql`now()` }).where(eq(apiKeys.id, over.key.id))
      for (const { key } of [gone, over])
        expect(await changeKey(db, key.id, { name: 'Else' }, SYSTEM)).toEqual({ status: 'refused', why: 'not-usable' })
      expect(await changeKey(db, newId<KeyId>(), { name: 'Else' }, SYSTEM)).toBeUndefined()
    })

    it('S-60 an expired key is refused', async () => {
      const { db } = database
      const { key, secret } = await made(db, { expiresAt: new Date(Date.now() + 3_600_000) })
      expect(await findKeyBySecret(db, secret)).toMatchObject({ id: key.id })
      await db.update(apiKeys).set({ expiresAt: sql`now()` }).where(eq(apiKeys.id, key.id))
      expect(await findKeyBySecret(db, secret)).toBeUndefined()
    })

    it('S-60 a key of an app that is deleted is refused, whatever its row says', async () => {
      const { db } = database
      const appId = await anApp(db)
      const { secret } = await made(db, { appId })
      await db.update(apps).set({ disabledAt: sql`now()`, deletedAt: sql`now()` }).where(eq(apps.id, appId))
      expect(await findKeyBySecret(db, secret)).toBeUndefined()
    })

    it('S-60 two keys of one app work side by side: a new one first, then the old one goes', async () => {
      const { db } = database
      const [old, next] = [await made(db), await made(db)]
      expect(await findKeyBySecret(db, old.secret)).toMatchObject({ id: old.key.id })
      await revokeKey(db, old.key.id, SYSTEM)
      expect(await findKeyBySecret(db, next.secret)).toMatchObject({ id: next.key.id })
    })

    it('S-60 a key lasts as long as the first of them was made for, however often and in whatever order it is replaced', async () => {
      const { db } = database
      const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)
      const replaced = async (id: KeyId) => {
        const answer = await replaceKey(db, id, inDays(7), SYSTEM)
        return answer?.status === 'replaced' ? answer.key : expect.fail(answer?.status)
      }
      const { key: forGood } = await made(db)
      const second = await replaced(forGood.id)
      for (const id of [forGood.id, second.id, forGood.id]) expect((await replaced(id)).expiresAt).toBeNull()
      const { key: limited } = await made(db, { expiresAt: inDays(90) })
      await replaced(limited.id)
      const again = await replaced(limited.id)
      expect(again.expiresAt?.getTime()).toBeGreaterThan(inDays(89).getTime())
      expect(again.expiresAt?.getTime()).toBeLessThan(inDays(91).getTime())
    })

    it('S-60 the last use is noted, at most once a minute', async () => {
      const { db } = database
      const { key, secret } = await made(db)
      const lastUse = async () => (await findKey(db, key.id))?.lastUsedAt
      expect(await lastUse()).toBeNull()
      await findKeyBySecret(db, secret)
      const first = await lastUse()
      expect(first).toBeInstanceOf(Date)
      await findKeyBySecret(db, secret)
      expect(await lastUse()).toEqual(first)
      await db.update(apiKeys).set({ lastUsedAt: sql`now() - interval '61 seconds'` }).where(eq(apiKeys.id, key.id))
      await findKeyBySecret(db, secret)
      expect((await lastUse())?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? Number.POSITIVE_INFINITY)
    })

    it.each(['person', 'viewer', 'responder'] as const)(
      'S-35 S-62 a %s makes, changes and revokes no key, and the audit log has who tried',
      async (role) => {
        const { db } = database
        const by = await acting(db, await anAccount(db, { role }))
        const { key } = await made(db)
        expect(await createKey(db, { appId: BUILT_IN_APP, name: 'mine', scopes: ['admin'] }, by)).toEqual({
          status: 'refused',
          why: 'not-allowed',
        })
        expect(await changeKey(db, key.id, { requestsPerMinute: 0 }, by)).toEqual({
          status: 'refused',
          why: 'not-allowed',
        })
        expect(await revokeKey(db, key.id, by)).toEqual({ status: 'refused', why: 'not-allowed' })
        const refused = await db
          .select()
          .from(auditEvents)
          .where(and(eq(auditEvents.actorId, 'id' in by ? by.id : ''), eq(auditEvents.result, 'refused')))
          .orderBy(auditEvents.id)
        expect(refused).toMatchObject([
          { action: 'key.created', targetName: 'mine', details: { why: 'not-allowed' } },
          { action: 'key.changed', targetId: key.id, details: { why: 'not-allowed' } },
          { action: 'key.revoked', targetId: key.id, details: { why: 'not-allowed' } },
        ])
      },
    )

    it('S-62 who made a key is in the log and in the list', async () => {
      const { db } = database
      const by = await acting(db, await anOwner(db))
      const result = await createKey(db, { appId: BUILT_IN_APP, name: ' Wiki ', scopes: ['audit:read'] }, by)
      if (result.status !== 'created') throw new Error(result.status)
      expect(result.key).toMatchObject({ name: 'Wiki', createdBy: by.name })
      const [event] = await db.select().from(auditEvents).where(eq(auditEvents.targetId, result.key.id))
      expect(event).toMatchObject({
        action: 'key.created',
        actorName: by.name,
        details: { after: { app: 'Rollcall', scopes: ['audit:read'], expiresAt: null } },
      })
    })

    it.each([
      [{ appId: newId<AppId>() }, 'no-app'],
      [{ name: ' ' }, 'no-name'],
      [{ scopes: [] }, 'no-scopes'],
      [{ expiresAt: new Date(0) }, 'expiry-past'],
    ])('S-56 a key with %j is refused: %s', async (wanted, why) => {
      const whole = { appId: BUILT_IN_APP, name: 'x', scopes: ['admin' as const], ...wanted }
      expect(await createKey(database.db, whole, SYSTEM)).toEqual({ status: 'refused', why })
    })

    it('there is nothing to revoke where there is no key', async () => {
      expect(await revokeKey(database.db, newId<KeyId>(), SYSTEM)).toBeUndefined()
    })

    it('the bootstrap key is there after each start, once, with scope admin on the built-in site', async () => {
      const { db } = database
      const first = await ensureBootstrapKey(db, bootstrap('a'))
      expect(await ensureBootstrapKey(db, bootstrap('a'))).toEqual(first)
      expect(await findKeyBySecret(db, bootstrap('a'))).toMatchObject({
        id: first.id,
        scopes: ['admin'],
        app: { id: BUILT_IN_APP },
      })
    })

    it('S-60 a new bootstrap key replaces the one before; one that was revoked stays revoked', async () => {
      const { db } = database
      const old = await ensureBootstrapKey(db, bootstrap('b'))
      const next = await ensureBootstrapKey(db, bootstrap('c'))
      expect(await findKeyBySecret(db, bootstrap('b'))).toBeUndefined()
      expect(await findKey(db, old.id)).toMatchObject({ revokedAt: expect.any(Date) })
      await revokeKey(db, next.id, SYSTEM)
      await ensureBootstrapKey(db, bootstrap('c'))
      expect(await findKeyBySecret(db, bootstrap('c'))).toBeUndefined()
    })

    it('a bootstrap key of another shape is refused in words, without it', async () => {
      const error = await ensureBootstrapKey(database.db, 'hunter2').catch((thrown: Error) => thrown.message)
      expect(error).toMatch(/ROLLCALL_BOOTSTRAP_KEY must be/)
      expect(error).not.toContain('hunter2')
    })
  })

  eachPostgres((database) => {
    /** A disabled one with a key. */
    const overApp = async () => {
      const { db } = database
      const appId = await anApp(db)
      const key = await made(db, { appId })
      await db.update(apps).set({ disabledAt: sql`now()` }).where(eq(apps.id, appId))
      return { appId, ...key }
    }
    const usable = async (appId: AppId) =>
      (await listKeys(database.db, { appId })).filter(({ revokedAt }) => !revokedAt)
    const deletes = (appId: AppId) => (db: Database) => deleteApp(db, appId, SYSTEM)
    const creates = (appId: AppId) => (db: Database) =>
      createKey(db, { appId, name: 'Late', scopes: ['sessions:read'] }, SYSTEM)
    const replaces = (id: KeyId) => (db: Database) => replaceKey(db, id, null, SYSTEM)

    it('S-60 none is made of an app that is deleted at the same moment', async () => {
      const nodes = await database.twoConnections()
      const { appId } = await overApp()
      const [deleted, late] = await atTheSameTime(nodes, deletes(appId), creates(appId))
      expect([deleted?.status, late]).toEqual(['deleted', { status: 'refused', why: 'no-app' }])
      expect(await usable(appId)).toEqual([])
    })

    it('S-60 nor is one that is made just before left over', async () => {
      const nodes = await database.twoConnections()
      const { appId } = await overApp()
      const [created, deleted] = await atTheSameTime(nodes, creates(appId), deletes(appId))
      expect([created.status, deleted?.status]).toEqual(['created', 'deleted'])
      expect(await usable(appId)).toEqual([])
    })

    it('S-60 nor one that takes the place of another', async () => {
      const nodes = await database.twoConnections()
      const { appId, key } = await overApp()
      const [replaced, deleted] = await atTheSameTime(nodes, replaces(key.id), deletes(appId))
      expect([replaced?.status, deleted?.status]).toEqual(['replaced', 'deleted'])
      expect(await usable(appId)).toEqual([])
    })
  })
})
