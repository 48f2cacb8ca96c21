import { sql } from 'drizzle-orm'
import { boolean, check, cidr, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.js'
import type { AccountId, BlockId } from '../ids.js'
import { accounts } from './accounts.js'

/** A refused account or network. In force while not lifted and not past `until`. */
export const blocks = pgTable(
  'blocks',
  {
    id: uuid().primaryKey().$type<BlockId>(),
    kind: text().$type<'account' | 'network'>().notNull(),
    accountId: uuid('account_id')
      .$type<AccountId>()
      .references(() => accounts.id),
    network: cidr(),
    reason: text().notNull(),
    /** What the person is told after a right password. */
    message: text(),
    until: time('until'),
    createdAt: time('created_at').notNull().defaultNow(),
    createdByKind: text('created_by_kind').notNull(),
    createdById: text('created_by_id'),
    createdByName: text('created_by_name').notNull(),
    liftedAt: time('lifted_at'),
    liftedByName: text('lifted_by_name'),
    liftReason: text('lift_reason'),
    /** Sessions that the block ended when it was set. */
    ended: integer().notNull().default(0),
    /** Of a network: more are still to be ended than the act itself could; a job does it, and resumes. */
    stillEnding: boolean('still_ending').notNull().default(false),
    /** A network block that covers its author's own address undoes itself unless confirmed from there by then. */
    confirmBy: time('confirm_by'),
  },
  (t) => [
    uniqueIndex('blocks_one_an_account').on(t.accountId).where(sql`${t.liftedAt} is null`),
    uniqueIndex('blocks_one_a_network').on(t.network).where(sql`${t.liftedAt} is null and ${t.kind} = 'network'`),
    index('blocks_created').on(t.createdAt),
    // Which of ten thousand networks hold an address: each row of a list asks.
    index('blocks_networks')
      .using('gist', t.network.op('inet_ops'))
      .where(sql`${t.liftedAt} is null and ${t.kind} = 'network'`),
    index('blocks_still_ending').on(t.id).where(sql`${t.stillEnding}`),
    check(
      'blocks_target',
      sql`(${t.kind} = 'account') = (${t.accountId} is not null) and (${t.kind} = 'network') = (${t.network} is not null)`,
    ),
  ],
)
