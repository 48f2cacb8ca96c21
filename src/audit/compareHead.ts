import { eq, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { auditSeals } from '../db/schema/seals.js'
import { type NotedHead, removedUpTo } from './verify.js'

export type HeadCompared = 'same' | 'differs' | 'too-old' | 'no-head'

/** @param text as somebody noted it: `51.42a1...97ec` */
export function readHead(text: string): NotedHead | undefined {
  const [, position, hash] = /^\s*([1-9]\d{0,8})\.([0-9a-f]{64})\s*$/i.exec(text) ?? []
  return position && hash ? { position: Number(position), hash: hash.toLowerCase() } : undefined
}

/**
 * Whether the chain still holds a head that was noted earlier. Together with a verification that found nothing it proves
 * that nothing up to it has changed since. Index: audit_seals_pkey.
 *
 * @param text as somebody noted it
 */
export async function compareHead(db: Database, text: string): Promise<HeadCompared> {
  const noted = readHead(text)
  if (!noted) return 'no-head'
  const { position, hash } = noted
  const start = await removedUpTo(db)
  if (position < start.position) return 'too-old'
  const [seal] = await db
    .select({ hash: sql<string>`encode(${auditSeals.hash}, 'hex')` })
    .from(auditSeals)
    .where(eq(auditSeals.position, position))
  const present = position === start.position ? start.hash : seal?.hash
  return present === hash ? 'same' : 'differs'
}
