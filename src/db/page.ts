import { createHash } from 'node:crypto'
import { validate } from 'uuid'
import { z } from 'zod'

/** A page of a list, by key: no page is skipped or shown twice while rows come and go. */
export interface Page<T> {
  items: T[]
  /** Cursor of the page after this one, or null at the end. */
  next: string | null
  /** Cursor of the page before this one, or null at the start. */
  previous: string | null
}

/** Nothing is beyond the page: what it shows is all there is. */
export const isWhole = ({ next, previous }: Pick<Page<unknown>, 'next' | 'previous'>): boolean =>
  next === null && previous === null

export interface PageRequest {
  after?: string | undefined
  before?: string | undefined
  /** 1 to 200; 50 when left out. */
  limit?: number | undefined
}

/** A cursor that was made up, cut off, or taken from another list or one with another filter (S-56). */
export class BadCursor extends Error {
  readonly code = 'bad_cursor'
  constructor() {
    super('This page link does not belong to this list. Start again from the first page.')
  }
}

/** What no text column holds: the database would fail on it instead of finding nothing. */
const storable = z.string().refine((text) => text.isWellFormed() && !text.includes('\0'))

const Cursor = z.tuple([z.string(), z.array(storable).min(1)])

/** What a cursor is good for: one list, by one filter. Lists with the same filter have keys of different tables. */
export interface Bound {
  list: 'accounts' | 'audit' | 'blocks' | 'deliveries' | 'sessions'
  [filter: string]: unknown
}

/** Opaque to callers: the keys of the row it stands at, bound to what it was made for. */
export function writeCursor(bound: Bound, keys: string[]): string {
  return Buffer.from(JSON.stringify([fingerprint(bound), keys])).toString('base64url')
}

/** @throws BadCursor */
export function readCursor(bound: Bound, text: string, keys: number): string[] {
  try {
    const [print, values] = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    if (print === fingerprint(bound) && values.length === keys) return values
  } catch {
    // Falls through: whatever is wrong with it, it is not one of ours.
  }
  throw new BadCursor()
}

/**
 * The id that the list goes on from, where ids alone are its order.
 *
 * @throws BadCursor
 */
export function readIdCursor<Id extends string>(bound: Bound, text: string): Id {
  const [id] = readCursor(bound, text, 1)
  if (!id || !validate(id)) throw new BadCursor()
  return id as Id
}

function fingerprint(bound: Bound): string {
  const sorted = Object.entries(bound)
    .filter(([, value]) => value !== undefined && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 10)
}

/**
 * Cuts a page out of rows that were read one beyond its size, in reading order.
 *
 * @param backwards the rows were read against the list's order, for `before`
 */
export function cutPage<T>(rows: T[], limit: number, request: PageRequest, cursorOf: (row: T) => string): Page<T> {
  const backwards = request.before !== undefined
  const more = rows.length > limit
  const items = backwards ? rows.slice(0, limit).reverse() : rows.slice(0, limit)
  const first = items[0]
  const last = items.at(-1)
  const hasNext = backwards ? items.length > 0 : more
  const hasPrevious = backwards ? more : request.after !== undefined
  return {
    items,
    next: last && hasNext ? cursorOf(last) : null,
    previous: first && hasPrevious ? cursorOf(first) : null,
  }
}

export const pageSize = (request: PageRequest): number => Math.min(Math.max(request.limit ?? 50, 1), 200)
