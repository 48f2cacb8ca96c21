import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { type Database, rowsOf } from '../db/connect.js'
import { lookedUp } from '../db/idArray.js'
import type { AccountId } from '../db/ids.js'
import {
  BadCursor,
  type Bound,
  cutPage,
  type Page,
  type PageRequest,
  pageSize,
  readIdCursor,
  writeCursor,
} from '../db/page.js'
import { accounts, credentials, sessions } from '../db/schema.js'
import type { Count } from '../sessions/types.js'
import { isBlocked } from './authority.js'
import { fromLiveSessions } from './blocks/liveSessions.js'
import { idsInNames, inNames } from './inNames.js'
import { hasOpenInvitation, selectAccounts, toAccount } from './read.js'
import type { Account, AccountSummary, Role } from './types.js'

export interface AccountFilter {
  /** A part of the name or the e-mail address, or an account's id. */
  q?: string | undefined
  role?: Role | undefined
  /** Any role in the panel. */
  admins?: boolean | undefined
  status?: Account['status'] | undefined
  /**
   * Of those whom `q` alone means, only these are listed: a page of the panel is there at once, whatever was typed
   * (`withMeant`). All of them when left out.
   */
  meant?: Meant | undefined
  /**
   * By name when left out. `newest`: those whom names are masked for would learn letters of them from their order, and
   * from where a page ends; of an account's beginning they are told anyway.
   */
  order?: 'name' | 'newest' | undefined
}

interface Meant {
  /** One more than `most` where there are more. */
  ids: readonly AccountId[]
  most: number
}

/** More than this is said as "over". */
const COUNTED = 10_000

/**
 * Looks up once whom a search means, at most so many of them, for its page and its count. Where more than words narrow
 * the list, all of them have to be looked at, and the filter stays as it is. Indexes: those of `idsInNames`.
 */
export async function withMeant(db: Database, filter: AccountFilter, most: number): Promise<AccountFilter> {
  const text = filter.q?.trim()
  if (!text || filter.role || filter.admins || filter.status) return filter
  const byId = validate(text) ? sql` union (select id from ${accounts} where id = ${text.toLowerCase()})` : sql``
  const found = rowsOf<{ id: AccountId }>(await db.execute(sql`(${idsInNames(text, most + 1)})${byId}`))
  return { ...filter, meant: { ids: found.map(({ id }) => id), most } }
}

/**
 * One page of accounts, in the order of their names unless the filter says otherwise.
 *
 * @throws BadCursor
 */
export async function listAccounts(
  db: Database,
  filter: AccountFilter = {},
  request: PageRequest = {},
): Promise<Page<AccountSummary>> {
  const limit = pageSize(request)
  const cursor = request.after ?? request.before
  const backwards = request.before !== undefined
  const { meant, ...said } = filter
  const bound = { list: 'accounts' as const, ...said }
  const { key, ascending, descending, newest } = ORDERS[filter.order ?? 'name']
  const from = cursor === undefined ? undefined : await readKey(db, bound, cursor)
  const down = backwards !== newest
  // Indexes: accounts_name, accounts_pkey; accounts of one name are few.
  const rows = await selectAccounts(db)
    .where(and(matches(filter), from && (down ? sql`${key} < ${from}` : sql`${key} > ${from}`)))
    .orderBy(...(down ? descending : ascending))
    .limit(limit + 1)
  const page = cutPage(rows, limit, request, (row) => writeCursor(bound, [row.account.id]))
  return { ...page, items: await withSessions(db, page.items.map(toAccount)) }
}

/** The accounts with these ids in the order of their names; those that are not there are left out. */
export async function findAccounts(db: Database, ids: readonly AccountId[]): Promise<AccountSummary[]> {
  if (ids.length === 0) return []
  const rows = await selectAccounts(db)
    .where(inArray(accounts.id, [...ids]))
    .orderBy(...ORDERS.name.ascending)
  return withSessions(db, rows.map(toAccount))
}

/** Counted up to 10,000, or up to as many as were looked up. */
export async function countAccounts(db: Database, filter: AccountFilter = {}): Promise<Count> {
  if (filter.meant) return upTo(filter.meant.most, filter.meant.ids.length)
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`
      select count(*)::int as n from (
        select 1 from ${accounts} left join ${credentials} on ${credentials.accountId} = ${accounts.id}
        where ${matches(filter) ?? sql`true`} limit ${COUNTED + 1}) counted`),
  )
  return upTo(COUNTED, row?.n ?? 0)
}

const upTo = (most: number, n: number): Count => (n > most ? { n: most, how: 'over' } : { n, how: 'exact' })

const ORDERS = {
  name: {
    key: sql`(lower(${accounts.name}), ${accounts.id})`,
    ascending: [sql`lower(${accounts.name})`, sql`${accounts.id}`],
    descending: [sql`lower(${accounts.name}) desc`, sql`${accounts.id} desc`],
    newest: false,
  },
  newest: {
    key: sql`${accounts.id}`,
    ascending: [sql`${accounts.id}`],
    descending: [sql`${accounts.id} desc`],
    newest: true,
  },
}

/** The cursor has no name in it: it is read by who may not see names. Who was renamed since is gone on from where they are. */
async function readKey(db: Database, bound: Bound & AccountFilter, cursor: string): Promise<SQL> {
  const id = readIdCursor<AccountId>(bound, cursor)
  if (bound.order === 'newest') return sql`${id}::uuid`
  const [row] = await db
    .select({ key: sql<string>`lower(${accounts.name})` })
    .from(accounts)
    .where(eq(accounts.id, id))
  if (!row) throw new BadCursor()
  return sql`(${row.key}::text, ${id}::uuid)`
}

function matches(filter: AccountFilter): SQL | undefined {
  const { q, role, admins, status, meant } = filter
  const text = q?.trim()
  return and(
    meant ? isAmong(meant) : text ? hasInNames(text) : undefined,
    role && eq(accounts.role, role),
    admins ? sql`${accounts.role} <> 'person'` : undefined,
    status && STATUS[status],
  )
}

const STATUS: Record<Account['status'], SQL> = {
  blocked: isBlocked,
  invited: sql`(not ${isBlocked} and ${credentials.accountId} is null and ${hasOpenInvitation})`,
  active: sql`(not ${isBlocked} and not (${credentials.accountId} is null and ${hasOpenInvitation}))`,
}

const isAmong = ({ ids, most }: Meant): SQL => sql`${accounts.id} = any(${lookedUp(ids.slice(0, most))})`

const hasInNames = (text: string): SQL | undefined =>
  or(inNames(text), validate(text) ? eq(accounts.id, text.toLowerCase() as AccountId) : undefined)

/** Two queries for the page's rows alone, by the one predicate. Index: sessions_account. */
async function withSessions(db: Database, items: Account[]): Promise<AccountSummary[]> {
  if (items.length === 0) return []
  const ids = lookedUp(items.map(({ id }) => id))
  const [live, seen] = await Promise.all([
    db.execute(sql`
      select ${sessions.accountId} as id, count(*)::int as live
      ${fromLiveSessions} and ${sessions.accountId} = any(${ids})
      group by 1`),
    db.execute(sql`
      select a.id, (
        select max(latest.last_seen_at) from (
          select t.last_seen_at from sessions s join session_activity t on t.session_id = s.id
          where s.account_id = a.id order by s.id desc limit 20) latest)::text as seen
      from accounts a where a.id = any(${ids})`),
  ])
  const liveById = new Map(rowsOf<{ id: AccountId; live: number }>(live).map((row) => [row.id, row.live]))
  const seenById = new Map(
    rowsOf<{ id: AccountId; seen: string | null }>(seen).map((row) => [
      row.id,
      row.seen === null ? null : new Date(row.seen),
    ]),
  )
  return items.map((account) => ({
    ...account,
    liveSessions: liveById.get(account.id) ?? 0,
    lastSeenAt: seenById.get(account.id) ?? null,
  }))
}
