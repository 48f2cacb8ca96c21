import { randomBytes } from 'node:crypto'
import { and, desc, eq, isNull, ne, sql } from 'drizzle-orm'
import { z } from 'zod'
import { recordAudit } from '../../audit/record.js'
import { type Actor, SYSTEM } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AppId, BUILT_IN_APP, type KeyId, newId } from '../../db/ids.js'
import { apiKeys, apps } from '../../db/schema.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { authorityOf } from '../authority.js'
import { sha256 } from '../passwords/links.js'
import { type ApiKey, SCOPES, type Scope } from '../types.js'

/** `rck_` and 256 random bits; secret scanners know the prefix. */
const SHAPE = /^rck_[A-Za-z0-9_-]{43}$/
const BOOTSTRAP = 'ROLLCALL_BOOTSTRAP_KEY'

export type KeyCreated =
  | { status: 'created'; key: ApiKey; secret: string }
  | { status: 'refused'; why: 'not-allowed' | 'no-app' | 'no-name' | 'no-scopes' | 'expiry-past' }

/**
 * Makes an API key of an app. The secret is in the answer and nowhere else; only its SHA-256 is stored (S-60).
 *
 * @returns `refused` to anybody but an owner
 */
export async function createKey(
  db: Database,
  wanted: {
    appId: AppId
    name: string
    scopes: readonly Scope[]
    expiresAt?: Date | null | undefined
    requestsPerMinute?: number | null | undefined
  },
  by: Actor,
): Promise<KeyCreated> {
  return db.transaction(async (tx) => {
    const why = await whyNot(tx, wanted, by)
    if (why === 'not-allowed') {
      await recordAudit(tx, by, 'key.created', {
        result: 'refused',
        target: { kind: 'key', id: null, name: wanted.name.trim().slice(0, 200) },
        details: { why, scopes: wanted.scopes },
      })
    }
    if (why) return { status: 'refused', why }
    const secret = newSecret()
    const key = await insertKey(tx, wanted, secret, by, by.name)
    return { status: 'created', key, secret }
  })
}

/** 256 random bits, shown once. */
export const newSecret = () => `rck_${randomBytes(32).toString('base64url')}`

async function whyNot(tx: Database, wanted: Parameters<typeof createKey>[1], by: Actor) {
  if ((await authorityOf(tx, by)) !== 'owner') return 'not-allowed'
  if (wanted.name.trim() === '') return 'no-name'
  if (wanted.scopes.length === 0) return 'no-scopes'
  const [app] = await tx
    .select({
      inTime: wanted.expiresAt
        ? sql<boolean>`${wanted.expiresAt.toISOString()}::timestamptz > now()`
        : sql<boolean>`true`,
    })
    .from(apps)
    .where(and(eq(apps.id, wanted.appId), isNull(apps.deletedAt)))
    // Until it is there: who deletes the app comes before it, or finds it.
    .for('share')
  if (!app) return 'no-app'
  return app.inTime ? undefined : 'expiry-past'
}

/**
 * Finds the key that a request brought and notes its use, at most once a minute.
 *
 * @returns undefined for a key that is unknown, revoked or expired, or whose app is deleted
 */
export async function findKeyBySecret(db: Database, secret: string): Promise<ApiKey | undefined> {
  const row = await findUsableRow(db, secret)
  if (row && !row.useNoted) await noteKeyUse(db, row.key.id)
  return row && toKey(row)
}

/**
 * The same without the note.
 *
 * @returns undefined for a key that is unknown, revoked or expired, or whose app is deleted
 */
export async function findUsableKey(db: Database, secret: string): Promise<ApiKey | undefined> {
  const row = await findUsableRow(db, secret)
  return row && toKey(row)
}

/** Index: api_keys_hash */
async function findUsableRow(db: Database, secret: string) {
  if (!SHAPE.test(secret)) return undefined
  const [row] = await selectKeys(db).where(
    and(
      eq(apiKeys.keyHash, sha256(secret)),
      isNull(apiKeys.revokedAt),
      isNull(apps.deletedAt),
      sql`(${apiKeys.expiresAt} is null or ${apiKeys.expiresAt} > now())`,
    ),
  )
  return row
}

/** Notes that a key was used now, at most once a minute. */
export async function noteKeyUse(db: Database, id: KeyId): Promise<void> {
  const stale = sql`(${apiKeys.lastUsedAt} is null or ${apiKeys.lastUsedAt} < now() - interval '1 minute')`
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(apiKeys.id, id), stale))
}

/**
 * Revokes a key, at once everywhere. Idempotent.
 *
 * @returns the key as it now is; undefined when there is none
 */
export async function revokeKey(
  db: Database,
  id: KeyId,
  by: Actor,
): Promise<{ status: 'revoked'; key: ApiKey } | { status: 'refused'; why: 'not-allowed' } | undefined> {
  return db.transaction(async (tx) => {
    const key = await findKey(tx, id)
    if (!key) return undefined
    if ((await authorityOf(tx, by)) !== 'owner') {
      const target = { kind: 'key', id, name: key.name } as const
      await recordAudit(tx, by, 'key.revoked', { result: 'refused', target, details: { why: 'not-allowed' } })
      return { status: 'refused', why: 'not-allowed' }
    }
    await revoke(tx, key, by)
    return { status: 'revoked', key: (await findKey(tx, id)) ?? key }
  })
}

export async function findKey(db: Database, id: KeyId): Promise<ApiKey | undefined> {
  const [row] = await selectKeys(db).where(eq(apiKeys.id, id))
  return row && toKey(row)
}

/** Newest first; revoked ones too. An installation has tens of them. */
export async function listKeys(db: Database, filter: { appId?: AppId | undefined } = {}): Promise<ApiKey[]> {
  const rows = await selectKeys(db)
    .where(filter.appId && eq(apiKeys.appId, filter.appId))
    .orderBy(desc(apiKeys.id))
    .limit(1_000)
  return rows.map(toKey)
}

/**
 * Makes the key of `ROLLCALL_BOOTSTRAP_KEY` usable, with scope `admin` on the built-in app. Each start may call it: a
 * new value of the variable replaces the old one, which is revoked; a value that was revoked stays revoked.
 *
 * @throws Error when it does not have the shape of a key
 */
export async function ensureBootstrapKey(db: Database, secret: string): Promise<ApiKey> {
  if (!SHAPE.test(secret)) throw new Error(`${BOOTSTRAP} must be "rck_" and 43 characters base64url (32 random bytes).`)
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall bootstrap key'))`)
    const others = await selectKeys(tx).where(
      and(eq(apiKeys.createdBy, BOOTSTRAP), isNull(apiKeys.revokedAt), ne(apiKeys.keyHash, sha256(secret))),
    )
    for (const other of others) await revoke(tx, toKey(other), SYSTEM)
    const [there] = await selectKeys(tx).where(eq(apiKeys.keyHash, sha256(secret)))
    if (there) return toKey(there)
    return insertKey(tx, { appId: BUILT_IN_APP, name: 'Bootstrap key', scopes: ['admin'] }, secret, SYSTEM, BOOTSTRAP)
  })
}

export async function insertKey(
  tx: Database,
  wanted: Parameters<typeof createKey>[1],
  secret: string,
  by: Actor,
  createdBy: string,
  replaces: KeyId | null = null,
): Promise<ApiKey> {
  const id = newId<KeyId>()
  await tx.insert(apiKeys).values({
    id,
    appId: wanted.appId,
    name: wanted.name.trim().slice(0, 200),
    keyHash: sha256(secret),
    hint: secret.slice(-4),
    scopes: [...new Set(wanted.scopes)],
    createdBy,
    expiresAt: wanted.expiresAt ?? null,
    replaces,
    requestsPerMinute: wanted.requestsPerMinute ?? null,
  })
  const key = await findKey(tx, id)
  if (!key) throw new Error('the key was not stored')
  await recordAudit(tx, by, 'key.created', {
    target: { kind: 'key', id, name: key.name },
    details: {
      after: {
        app: key.app.name,
        scopes: key.scopes,
        expiresAt: key.expiresAt?.toISOString() ?? null,
        requestsPerMinute: key.requestsPerMinute,
      },
    },
  })
  return key
}

export async function revoke(tx: Database, key: ApiKey, by: Actor): Promise<void> {
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.id, key.id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  if (revoked.length === 0) return
  await appendRevocations(tx, [{ kind: 'key', target: key.id }])
  await recordAudit(tx, by, 'key.revoked', {
    target: { kind: 'key', id: key.id, name: key.name },
    details: { app: key.app.name },
  })
}

function selectKeys(db: Database) {
  return db
    .select({
      key: apiKeys,
      app: { id: apps.id, name: apps.name },
      useNoted: sql<boolean>`coalesce(${apiKeys.lastUsedAt} > now() - interval '1 minute', false)`,
    })
    .from(apiKeys)
    .innerJoin(apps, eq(apps.id, apiKeys.appId))
    .$dynamic()
}

/** A scope that a newer version knew gives nothing here. */
const Scopes = z.array(z.string()).transform((list) => SCOPES.filter((scope) => list.includes(scope)))

function toKey({ key, app }: Awaited<ReturnType<typeof selectKeys>>[number]): ApiKey {
  const { id, name, hint, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, replaces, requestsPerMinute } = key
  return {
    id,
    app,
    name,
    hint,
    scopes: Scopes.parse(key.scopes),
    createdAt,
    createdBy,
    expiresAt,
    revokedAt,
    lastUsedAt,
    replaces,
    requestsPerMinute,
  }
}
