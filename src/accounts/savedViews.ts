import { and, eq, or, type SQL, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { type AccountId, newId, type ViewId } from '../db/ids.js'
import { accounts, savedViews } from '../db/schema.js'
import { authorityOf } from './authority.js'
import { atLeast } from './types.js'

export const VIEW_LISTS = ['sessions', 'accounts', 'audit'] as const
export type ViewList = (typeof VIEW_LISTS)[number]

export const LONGEST_VIEW_NAME = 60
export const LONGEST_VIEW_QUERY = 2_000
/** Of one account, in all lists. */
export const MOST_VIEWS = 100
const MOST_SHARED_SHOWN = 100

/** A filter of a list under a name. */
export interface SavedView {
  id: ViewId
  list: ViewList
  name: string
  /** What stands after the `?` in the list's address. */
  query: string
  shared: boolean
  owner: { id: AccountId; name: string }
}

export type ViewRefusal = { status: 'refused'; why: 'name-taken' | 'too-many' | 'not-allowed' }
type Admin = Extract<Actor, { kind: 'account' }>

/** An account's own views of a list and those shared with the team, by name. Indexes: saved_views_name, saved_views_shared. */
export async function listViews(db: Database, list: ViewList, account: AccountId): Promise<SavedView[]> {
  return selectViews(db)
    .where(and(eq(savedViews.list, list), or(eq(savedViews.ownerId, account), savedViews.shared)))
    .orderBy(sql`lower(${savedViews.name})`, savedViews.id)
    .limit(MOST_VIEWS + MOST_SHARED_SHOWN)
}

/** @returns undefined when there is none, or it is somebody else's own. Index: the primary key */
export async function findView(db: Database, id: ViewId, account: AccountId): Promise<SavedView | undefined> {
  const [view] = await selectViews(db).where(visible(id, account))
  return view
}

/** Sharing needs a responder's role: what is shared stands in everybody's lists. */
export async function saveView(
  db: Database,
  { list, name, query, shared }: Pick<SavedView, 'list' | 'name' | 'query' | 'shared'>,
  by: Admin,
): Promise<{ status: 'saved'; id: ViewId } | ViewRefusal> {
  return db.transaction(async (tx) => {
    const why = (await whyNotShare(tx, shared, by)) ?? (await whyNotName(tx, list, name, by))
    if (why) return { status: 'refused', why }
    if ((await tx.$count(savedViews, eq(savedViews.ownerId, by.id))) >= MOST_VIEWS)
      return { status: 'refused', why: 'too-many' }
    const id = newId<ViewId>()
    await tx.insert(savedViews).values({ id, ownerId: by.id, list, name, query, shared })
    if (shared) await recordAudit(tx, by, 'view.shared', about({ id, name, list, query }))
    return { status: 'saved', id }
  })
}

/** One's own. @returns undefined when there is none of one's own with that id */
export async function changeView(
  db: Database,
  id: ViewId,
  { name, shared }: Pick<SavedView, 'name' | 'shared'>,
  by: Admin,
): Promise<{ status: 'changed' } | ViewRefusal | undefined> {
  return db.transaction(async (tx) => {
    const view = await lockView(tx, id, by)
    if (view?.ownerId !== by.id) return undefined
    const why =
      (await whyNotShare(tx, shared && !view.shared, by)) ?? (await whyNotName(tx, view.list, name, by, view.id))
    if (why) return { status: 'refused', why }
    await tx.update(savedViews).set({ name, shared }).where(eq(savedViews.id, id))
    if (shared !== view.shared)
      await recordAudit(tx, by, shared ? 'view.shared' : 'view.withdrawn', about({ ...view, name }))
    return { status: 'changed' }
  })
}

/** One's own, or as an owner what somebody shared. @returns undefined when there is none that one may see */
export async function deleteView(
  db: Database,
  id: ViewId,
  by: Admin,
): Promise<{ status: 'deleted' } | ViewRefusal | undefined> {
  return db.transaction(async (tx) => {
    const view = await lockView(tx, id, by)
    if (!view) return undefined
    if (view.ownerId !== by.id && (await authorityOf(tx, by)) !== 'owner') {
      await recordAudit(tx, by, 'view.withdrawn', { ...about(view), result: 'refused' })
      return { status: 'refused', why: 'not-allowed' }
    }
    await tx.delete(savedViews).where(eq(savedViews.id, id))
    if (view.shared) await recordAudit(tx, by, 'view.withdrawn', about(view))
    return { status: 'deleted' }
  })
}

function selectViews(db: Database) {
  return db
    .select({
      id: savedViews.id,
      list: savedViews.list,
      name: savedViews.name,
      query: savedViews.query,
      shared: savedViews.shared,
      owner: { id: accounts.id, name: accounts.name },
    })
    .from(savedViews)
    .innerJoin(accounts, eq(accounts.id, savedViews.ownerId))
    .$dynamic()
}

const visible = (id: ViewId, account: AccountId): SQL | undefined =>
  and(eq(savedViews.id, id), or(eq(savedViews.ownerId, account), savedViews.shared))

async function lockView(tx: Database, id: ViewId, by: Admin) {
  const [view] = await tx.select().from(savedViews).where(visible(id, by.id)).for('update')
  return view
}

async function whyNotShare(tx: Database, share: boolean, by: Admin) {
  return !share || atLeast(await authorityOf(tx, by), 'responder') ? undefined : 'not-allowed'
}

/** One at a time for each account: else two of one name could come at the same moment, and one more than there may be. */
async function whyNotName(tx: Database, list: ViewList, name: string, by: Admin, itself?: ViewId) {
  await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, by.id)).for('no key update')
  const [other] = await tx
    .select({ id: savedViews.id })
    .from(savedViews)
    .where(
      and(
        eq(savedViews.ownerId, by.id),
        eq(savedViews.list, list),
        sql`lower(${savedViews.name}) = lower(${name}::text)`,
      ),
    )
  return other && other.id !== itself ? 'name-taken' : undefined
}

const about = ({ id, name, list, query }: Pick<SavedView, 'id' | 'name' | 'list' | 'query'>) => ({
  target: { kind: 'view', id, name },
  details: { list, query },
})
