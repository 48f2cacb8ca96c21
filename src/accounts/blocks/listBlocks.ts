import { and, asc, count, desc, eq, gt, gte, isNotNull, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import type { AccountId, BlockId } from '../../db/ids.js'
import { cutPage, type Page, type PageRequest, pageSize, readIdCursor, writeCursor } from '../../db/page.js'
import { accounts, blocks } from '../../db/schema.js'
import { BLOCK_IN_FORCE } from '../../sessions/live.js'
import { toBlock } from '../read.js'
import type { Block } from '../types.js'
import { isSearched, readBlockSearch } from './blockSearch.js'

export interface BlockFilter {
  /** A part of the name or the e-mail address, a network, an address or an id (`blockSearch.ts`). */
  q?: string | undefined
  /** `active` when left out. */
  state?: 'active' | 'lifted' | 'all' | undefined
  kind?: Block['kind'] | undefined
}

/**
 * Blocks, newest first. Index: blocks_pkey (a UUIDv7: its order is that of their making); of a search those of
 * `isSearched`.
 *
 * @throws BadCursor
 */
export async function listBlocks(
  db: Database,
  filter: BlockFilter = {},
  request: PageRequest = {},
): Promise<Page<Block>> {
  const limit = pageSize(request)
  const bound = { list: 'blocks' as const, ...filter }
  const cursor = request.after ?? request.before
  const from = cursor === undefined ? undefined : readIdCursor<BlockId>(bound, cursor)
  const backwards = request.before !== undefined
  const rows = await selectBlocks(db)
    .where(and(matches(filter), from && (backwards ? gt(blocks.id, from) : lt(blocks.id, from))))
    .orderBy(backwards ? asc(blocks.id) : desc(blocks.id))
    .limit(limit + 1)
  const items = rows.map(({ block, account }) => toBlock(block, account))
  return cutPage(items, limit, request, (block) => writeCursor(bound, [block.id]))
}

/** Blocks in force that end by themselves within the hours, soonest first; at most twenty. Few: a scan of the open ones. */
export async function expiringBlocks(db: Database, hours: number): Promise<(Block & { until: Date })[]> {
  const rows = await selectBlocks(db)
    .where(and(BLOCK_IN_FORCE, lt(blocks.until, sql`now() + make_interval(hours => ${hours})`)))
    .orderBy(asc(blocks.until))
    .limit(20)
  return rows.flatMap(({ block, account }) => (block.until ? [{ ...toBlock(block, account), until: block.until }] : []))
}

export async function findBlock(db: Database, id: BlockId): Promise<Block | undefined> {
  const [row] = await selectBlocks(db).where(eq(blocks.id, id))
  return row && toBlock(row.block, row.account)
}

/** Accounts that somebody blocked from one of their blocks to another, and that are so still. Index: blocks_pkey. */
export async function accountsBlockedBy(
  db: Database,
  by: AccountId,
  { first, last }: { first: BlockId; last: BlockId },
  most: number,
): Promise<AccountId[]> {
  const rows = await db
    .select({ id: blocks.accountId })
    .from(blocks)
    .where(
      and(
        gte(blocks.id, first),
        lte(blocks.id, last),
        eq(blocks.createdById, by),
        isNotNull(blocks.accountId),
        BLOCK_IN_FORCE,
      ),
    )
    .orderBy(asc(blocks.id))
    .limit(most)
  return rows.flatMap(({ id }) => id ?? [])
}

/** Blocks are few: counted. */
export async function countBlocks(db: Database, filter: BlockFilter = {}): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(blocks)
    .leftJoin(accounts, eq(accounts.id, blocks.accountId))
    .where(matches(filter))
  return row?.n ?? 0
}

function selectBlocks(db: Database) {
  return db
    .select({ block: blocks, account: { id: accounts.id, name: accounts.name, email: accounts.email } })
    .from(blocks)
    .leftJoin(accounts, eq(accounts.id, blocks.accountId))
    .$dynamic()
}

function matches({ q, state = 'active', kind }: BlockFilter): SQL | undefined {
  const inState = { active: BLOCK_IN_FORCE, lifted: isNotNull(blocks.liftedAt), all: undefined }[state]
  const search = readBlockSearch(q)
  return and(inState, kind && eq(blocks.kind, kind), search && isSearched(search))
}
