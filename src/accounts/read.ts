import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { accounts, blocks, credentials } from '../db/schema.js'
import { BLOCK_IN_FORCE } from '../sessions/live.js'
import { readEmail } from './emails.js'
import type { Account, Block } from './types.js'

export async function findAccount(db: Database, id: AccountId): Promise<Account | undefined> {
  const [row] = await selectAccounts(db).where(eq(accounts.id, id))
  return row && toAccount(row)
}

/** @param email in any spelling */
export async function findAccountByEmail(db: Database, email: string): Promise<Account | undefined> {
  const read = readEmail(email)
  if (!read) return undefined
  const [row] = await selectAccounts(db).where(eq(accounts.emailKey, read.key))
  return row && toAccount(row)
}

/** Index: invitations_account. */
export const hasOpenInvitation = sql<boolean>`exists (select 1 from invitations i
  where i.account_id = ${accounts.id} and i.used_at is null and i.expires_at > now())`

/** Accounts with their password's existence and their block in force; callers add `where`, `orderBy` and `limit`. */
export function selectAccounts(db: Database) {
  return db
    .select({
      account: accounts,
      hasPassword: sql<boolean>`${credentials.accountId} is not null`,
      newPasswordRequired: sql<boolean>`${credentials.newRequiredAt} is not null`,
      invited: hasOpenInvitation,
      block: blocks,
    })
    .from(accounts)
    .leftJoin(credentials, eq(credentials.accountId, accounts.id))
    .leftJoin(blocks, and(eq(blocks.accountId, accounts.id), BLOCK_IN_FORCE))
    .$dynamic()
}

export type AccountRow = Awaited<ReturnType<typeof selectAccounts>>[number]

export function toAccount({ account, invited, block, ...password }: AccountRow): Account {
  const { id, email, name, role, createdAt } = account
  const status = block ? 'blocked' : invited && !password.hasPassword ? 'invited' : 'active'
  return { id, email, name, role, status, createdAt, ...password, block: block && toBlock(block, account) }
}

export function toBlock(
  row: typeof blocks.$inferSelect,
  account: { id: AccountId; name: string; email: string | null } | null,
): Block {
  return {
    id: row.id,
    kind: row.kind,
    account: account && { id: account.id, name: account.name, email: account.email },
    network: row.network,
    reason: row.reason,
    message: row.message,
    until: row.until,
    createdAt: row.createdAt,
    createdBy: row.createdByName,
    lifted: row.liftedAt && { at: row.liftedAt, by: row.liftedByName ?? 'Rollcall', reason: row.liftReason },
    ended: row.ended,
    confirmBy: row.confirmBy,
  }
}
