import { asc, eq, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import { type Database, databaseTime } from '../../db/connect.js'
import type { KeyId } from '../../db/ids.js'
import { apiKeys, apps } from '../../db/schema.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { authorityOf } from '../authority.js'
import { type ApiKey, isUsable } from '../types.js'
import { type createKey, findKey, insertKey, newSecret, revoke } from './keys.js'

/** Two keys that work are twice as many to lose: nobody needs them for longer than this. */
const LONGEST_OVERLAP_MS = 90 * 86_400_000

export type KeyReplaced =
  /** `old` as it now is. */
  | { status: 'replaced'; key: ApiKey; secret: string; old: ApiKey }
  | { status: 'refused'; why: 'not-allowed' | 'not-usable' | 'expiry-past' | 'until-late' }

/**
 * Makes a key with the same app, name and scopes in the place of one, which goes on for a while so that the app's
 * processes can change over one by one. The new one lasts from now for as long as the old one was made for.
 *
 * @param requestsPerMinute left out: as the old one's
 * @param oldUntil when the old one stops to work, at most 90 days from now; `now`: it is revoked; null: when somebody
 *   revokes it, or when it expires anyway
 * @returns undefined when there is no such key
 */
export async function replaceKey(
  db: Database,
  id: KeyId,
  oldUntil: Date | 'now' | null,
  by: Actor,
  { requestsPerMinute }: Pick<Parameters<typeof createKey>[1], 'requestsPerMinute'> = {},
): Promise<KeyReplaced | undefined> {
  return db.transaction(async (tx) => {
    // The app before its key, as who deletes it does: they come first, or find the new one.
    await tx.execute(sql`
      select 1 from ${apps} where ${apps.id} = (select ${apiKeys.appId} from ${apiKeys} where ${apiKeys.id} = ${id}) for share`)
    await tx.execute(sql`select 1 from ${apiKeys} where ${apiKeys.id} = ${id} for update`)
    const old = await findKey(tx, id)
    if (!old) return undefined
    const target = { kind: 'key', id, name: old.name } as const
    if ((await authorityOf(tx, by)) !== 'owner') {
      await recordAudit(tx, by, 'key.replaced', { result: 'refused', target, details: { why: 'not-allowed' } })
      return { status: 'refused', why: 'not-allowed' }
    }
    const now = await databaseTime(tx)
    const why = whyNot(old, oldUntil, now)
    if (why) return { status: 'refused', why }
    const lifetimeMs = await lifetimeOf(tx, old)
    const expiresAt = lifetimeMs === null ? null : new Date(now.getTime() + lifetimeMs)
    const secret = newSecret()
    const { app, name, scopes } = old
    const rate = requestsPerMinute === undefined ? old.requestsPerMinute : requestsPerMinute
    const wanted = { appId: app.id, name, scopes, expiresAt, requestsPerMinute: rate }
    const key = await insertKey(tx, wanted, secret, by, by.name, id)
    await letRunOut(tx, old, oldUntil, by)
    const left = (await findKey(tx, id)) ?? old
    const until = oldUntil === 'now' ? now : left.expiresAt
    await recordAudit(tx, by, 'key.replaced', {
      target,
      details: { app: old.app.name, until: until?.toISOString() ?? null, oldHint: old.hint, hint: key.hint },
    })
    return { status: 'replaced', key, secret, old: left }
  })
}

function whyNot(old: ApiKey, oldUntil: Date | 'now' | null, now: Date) {
  if (!isUsable(old, now)) return 'not-usable'
  if (!(oldUntil instanceof Date)) return undefined
  if (oldUntil <= now) return 'expiry-past'
  return oldUntil.getTime() - now.getTime() > LONGEST_OVERLAP_MS ? 'until-late' : undefined
}

/** As long as it was made for, whatever its end is by now: what took its place before was made for as long. */
async function lifetimeOf(tx: Database, { id, createdAt, expiresAt }: ApiKey): Promise<number | null> {
  const [successor] = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(eq(apiKeys.replaces, id))
    .orderBy(asc(apiKeys.id))
    .limit(1)
  const after = successor && (await findKey(tx, successor.id))
  return after ? lifetimeOf(tx, after) : expiresAt && expiresAt.getTime() - createdAt.getTime()
}

/** Never for longer than it would have had. The entry has each process read its end anew. */
async function letRunOut(tx: Database, old: ApiKey, oldUntil: Date | 'now' | null, by: Actor): Promise<void> {
  if (oldUntil === 'now') return revoke(tx, old, by)
  if (oldUntil === null || (old.expiresAt && old.expiresAt <= oldUntil)) return
  await tx.update(apiKeys).set({ expiresAt: oldUntil }).where(eq(apiKeys.id, old.id))
  await appendRevocations(tx, [{ kind: 'key', target: old.id }])
}
