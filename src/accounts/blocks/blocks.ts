import { eq, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { idArray } from '../../db/idArray.js'
import { type AccountId, type BlockId, newId } from '../../db/ids.js'
import { insertAll } from '../../db/insertAll.js'
import { announce } from '../../db/notices.js'
import { blocks } from '../../db/schema.js'
import { lockAccount } from '../../sessions/start.js'
import { authorityOf, hasOtherOwner, lockOwners, neededFor } from '../authority.js'
import { endTrust } from '../endTrust.js'
import { findAccount, toBlock } from '../read.js'
import { type Account, atLeast, type Block, type Role } from '../types.js'
import { type BlockTerms, readTerms, type TermsProblem } from './blockTerms.js'
import { lift } from './liftBlock.js'

export type AccountBlocked =
  /** `kept`: it was blocked before, and nothing was changed. */
  | { status: 'blocked'; block: Block; ended: number; kept: boolean }
  | { status: 'refused'; why: 'self' | 'last-owner' | 'not-allowed' | TermsProblem }

/**
 * The one road to a blocked account (S-10): in one transaction its sessions end, sign-ins under way are void, sign-in
 * is refused from now on, and the audit log has it.
 *
 * Blocking again replaces the block in force: the new terms count, and both stay in the history.
 *
 * @param keep leaves a block in force as it is instead
 * @returns undefined when there is no such account
 * @see OWASP ASVS 5.0 7.4.2
 */
export async function blockAccount(
  db: Database,
  id: AccountId,
  terms: BlockTerms,
  by: Actor,
  { keep = false }: { keep?: boolean } = {},
): Promise<AccountBlocked | undefined> {
  return db.transaction(async (tx) => {
    await lockOwners(tx)
    await lockAccount(tx, id)
    const [account, authority] = await Promise.all([findAccount(tx, id), authorityOf(tx, by)])
    if (!account) return undefined
    const why = (await whyNot(tx, account, by, authority)) ?? (await readTerms(tx, terms))
    if (why) return refuse(tx, account, terms, why, by)

    const before = account.block
    if (before && (keep || saysTheSame(before, terms)))
      return { status: 'blocked', block: before, ended: 0, kept: true }
    const [{ ended }] = await Promise.all([
      endTrust(tx, id, { reason: 'blocked', by, note: terms.reason }),
      tx.execute(sql`update ${blocks} set lifted_at = now(), lifted_by_name = ${by.name}, lift_reason = 'Replaced by another block'
        where ${blocks.accountId} = ${id} and ${blocks.liftedAt} is null`),
    ])
    const [block] = await insertBlocks(tx, [{ kind: 'account', accountId: id, ended, terms }], by)
    if (!block) throw new Error('the block was not stored')
    await Promise.all([
      recordAudit(tx, by, 'account.blocked', {
        target: { kind: 'account', id, name: account.name },
        accountId: id,
        reason: terms.reason,
        details: { ...(before ? { before: termsOf(before) } : {}), after: termsOf(block), ended },
      }),
      announce(tx, { kind: 'blocks' }, { kind: 'accounts' }),
    ])
    return { status: 'blocked', block: toBlock(block, account), ended, kept: false }
  })
}

/**
 * Lifts an account's block. Gives nothing back: the person signs in again.
 *
 * @returns undefined when there is no such account, or it is not blocked
 */
export async function liftAccountBlock(
  db: Database,
  accountId: AccountId,
  reason: string | null,
  by: Actor,
): Promise<{ status: 'lifted'; block: Block } | { status: 'refused'; why: 'not-allowed' } | undefined> {
  return db.transaction(async (tx) => {
    // Somebody may be replacing the block that one reads.
    await lockAccount(tx, accountId)
    const block = (await findAccount(tx, accountId))?.block
    return block ? liftBlock(tx, block.id, reason, by) : undefined
  })
}

/**
 * Lifts any block, once.
 *
 * @returns undefined when there is none with that id, or it has been lifted
 */
export async function liftBlock(
  db: Database,
  id: BlockId,
  reason: string | null,
  by: Actor,
): Promise<{ status: 'lifted'; block: Block } | { status: 'refused'; why: 'not-allowed' } | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx.select().from(blocks).where(eq(blocks.id, id))
    if (!row || row.liftedAt) return undefined
    const account = row.accountId ? ((await findAccount(tx, row.accountId)) ?? null) : null
    const authority = await authorityOf(tx, by)
    const own = by.kind === 'account' && by.id === row.accountId
    if (own || !atLeast(authority, neededFor(account?.role ?? 'person', by))) {
      await recordAudit(tx, by, row.kind === 'account' ? 'account.block-lifted' : 'network.block-lifted', {
        result: 'refused',
        target: { kind: row.kind, id: row.accountId ?? row.network, name: account?.name ?? row.network ?? '' },
        accountId: row.accountId ?? undefined,
        reason,
        details: { why: own ? 'self' : 'not-allowed' },
      })
      return { status: 'refused', why: 'not-allowed' }
    }
    const lifted = await lift(tx, row, reason, by)
    return lifted && { status: 'lifted', block: toBlock(lifted, account) }
  })
}

/** Nobody themselves, no last owner (S-32), nobody above one's reach (S-35, S-38). */
async function whyNot(tx: Database, account: Account, by: Actor, authority: Role) {
  if (by.kind === 'account' && by.id === account.id) return 'self'
  if (!atLeast(authority, neededFor(account.role, by))) return 'not-allowed'
  if (account.role === 'owner' && !(await hasOtherOwner(tx, account.id))) return 'last-owner'
  return undefined
}

async function refuse(
  tx: Database,
  account: Account,
  terms: BlockTerms,
  why: Exclude<AccountBlocked, { status: 'blocked' }>['why'],
  by: Actor,
): Promise<AccountBlocked> {
  await recordAudit(tx, by, 'account.blocked', {
    result: 'refused',
    target: { kind: 'account', id: account.id, name: account.name },
    accountId: account.id,
    reason: terms.reason,
    details: { why },
  })
  return { status: 'refused', why }
}

export interface NewBlock
  extends Pick<
    typeof blocks.$inferInsert,
    'kind' | 'accountId' | 'network' | 'createdAt' | 'ended' | 'stillEnding' | 'confirmBy'
  > {
  terms: BlockTerms
}

/**
 * @param wanted all of one kind
 * @returns the rows in the order of what was asked for
 */
export async function insertBlocks(tx: Database, wanted: NewBlock[], by: Actor) {
  if (wanted.length === 0) return []
  const rows = wanted.map(({ terms, ...target }) => ({
    id: newId<BlockId>(),
    ...target,
    reason: terms.reason,
    message: terms.message || null,
    until: terms.until ?? null,
    createdByKind: by.kind,
    createdById: 'id' in by ? by.id : null,
    createdByName: by.name,
  }))
  await insertAll(tx, blocks, rows)
  const stored = await tx
    .select()
    .from(blocks)
    .where(sql`${blocks.id} = any(${idArray(rows.map(({ id }) => id))})`)
  const inserted = new Map(stored.map((block) => [block.id, block]))
  return rows.map(({ id }) => {
    const block = inserted.get(id)
    if (!block) throw new Error('the block was not stored')
    return block
  })
}

export const termsOf = ({ reason, message, until }: Pick<Block, 'reason' | 'message' | 'until'>) => ({
  reason,
  message,
  until: until?.toISOString() ?? null,
})

const saysTheSame = (block: Block, terms: BlockTerms) =>
  block.reason === terms.reason &&
  block.message === (terms.message || null) &&
  (block.until?.getTime() ?? null) === (terms.until?.getTime() ?? null)
