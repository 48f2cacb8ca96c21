import { eq, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import { type Database, databaseTime } from '../../db/connect.js'
import type { KeyId } from '../../db/ids.js'
import { apiKeys } from '../../db/schema.js'
import { appendRevocations } from '../../sessions/log/revocations.js'
import { authorityOf } from '../authority.js'
import { type ApiKey, isUsable } from '../types.js'
import { findKey } from './keys.js'

export interface KeyChanges {
  name?: string | undefined
  /** null: as the server says */
  requestsPerMinute?: number | null | undefined
}

export type KeyChanged =
  | { status: 'changed' | 'unchanged'; key: ApiKey }
  | { status: 'refused'; why: 'not-allowed' | 'not-usable' | 'no-name' }

/**
 * Changes what a key is called and how often it may ask, at once everywhere. What it may do, and for how long, stays:
 * for that there is another key.
 *
 * @returns undefined when there is no such key
 */
export async function changeKey(
  db: Database,
  id: KeyId,
  changes: KeyChanges,
  by: Actor,
): Promise<KeyChanged | undefined> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from ${apiKeys} where ${apiKeys.id} = ${id} for no key update`)
    const before = await findKey(tx, id)
    if (!before) return undefined
    const target = { kind: 'key', id, name: before.name } as const
    if ((await authorityOf(tx, by)) !== 'owner') {
      await recordAudit(tx, by, 'key.changed', { result: 'refused', target, details: { why: 'not-allowed' } })
      return { status: 'refused', why: 'not-allowed' }
    }
    if (!isUsable(before, await databaseTime(tx))) return { status: 'refused', why: 'not-usable' }
    const after = changed(before, changes)
    if (after.name === '') return { status: 'refused', why: 'no-name' }
    if (Object.keys(after).length === 0) return { status: 'unchanged', key: before }

    await tx.update(apiKeys).set(after).where(eq(apiKeys.id, id))
    // Each process reads anew what it remembers of the key.
    await appendRevocations(tx, [{ kind: 'key', target: id }])
    const was = Object.fromEntries(Object.keys(after).map((field) => [field, before[field as keyof ApiKey]]))
    await recordAudit(tx, by, 'key.changed', { target, details: { app: before.app.name, before: was, after } })
    return { status: 'changed', key: { ...before, ...after } }
  })
}

/** What differs, alone. */
function changed(
  before: ApiKey,
  { name, requestsPerMinute }: KeyChanges,
): Partial<Pick<ApiKey, 'name' | 'requestsPerMinute'>> {
  const called = name === undefined ? before.name : name.trim()
  return {
    ...(called === before.name ? {} : { name: called }),
    ...(requestsPerMinute === undefined || requestsPerMinute === before.requestsPerMinute ? {} : { requestsPerMinute }),
  }
}
