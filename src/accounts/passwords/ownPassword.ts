import { eq } from 'drizzle-orm'
import { type AuditEntry, recordAudit } from '../../audit/record.js'
import type { Actor, AuditAction } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { credentials } from '../../db/schema.js'
import type { Limits } from '../limits.js'
import { sha256 } from './links.js'
import { BUSY_RETRY_MS, type Passwords, PasswordsBusy } from './passwords.js'

export type Proof =
  | { status: 'right' }
  | { status: 'wrong' }
  /** `note`: write it down, the first in a minute. */
  | { status: 'later'; retryAfterMs: number; note: boolean }

/**
 * Whether somebody who is signed in types their own password. Guessing in a stolen session is limited by itself: it must
 * not make the owner of the account wait at the sign-in.
 */
export async function checkOwnPassword(
  db: Database,
  account: { id: AccountId; passwordHash: string | null },
  typed: string,
  { limits, passwords }: { limits: Limits; passwords: Passwords },
): Promise<Proof> {
  const attempt = { emailKey: null, ip: null, knownDevice: { accountId: account.id, tokenHash: OWN_BUDGET } }
  const turn = await limits.take(db, attempt)
  if (!turn.allowed) return { status: 'later', retryAfterMs: turn.retryAfterMs, note: turn.note }
  try {
    if (!(await passwords.verify(account.passwordHash, typed))) return { status: 'wrong' }
  } catch (error) {
    if (!(error instanceof PasswordsBusy)) throw error
    await limits.giveBack(db, attempt)
    return { status: 'later', retryAfterMs: BUSY_RETRY_MS, note: false }
  }
  await limits.succeeded(db, attempt)
  return { status: 'right' }
}

/** One for all that asks for it: two pages are not twice as many guesses. */
const OWN_BUDGET = sha256('change of password')

/**
 * The fresh proof of who they are that an act of great reach asks for: their own password, once more.
 *
 * @param act for the audit log, which has the refusal as one of that act
 */
export async function proveIdentity(
  db: Database,
  by: Actor,
  typed: string,
  act: { action: AuditAction } & Pick<AuditEntry, 'target' | 'reason'>,
  { limits, passwords }: { limits: Limits; passwords: Passwords },
): Promise<Proof> {
  if (by.kind !== 'account') throw new Error('only a person has a password')
  const [row] = await db
    .select({ passwordHash: credentials.passwordHash })
    .from(credentials)
    .where(eq(credentials.accountId, by.id))
  const account = { id: by.id, passwordHash: row?.passwordHash ?? null }
  const proof = await checkOwnPassword(db, account, typed, { limits, passwords })
  if (proof.status === 'wrong' || (proof.status === 'later' && proof.note)) {
    const { action, ...entry } = act
    const why = proof.status === 'wrong' ? 'wrong-password' : 'limited'
    await db.transaction((tx) => recordAudit(tx, by, action, { ...entry, result: 'refused', details: { why } }))
  }
  return proof
}
