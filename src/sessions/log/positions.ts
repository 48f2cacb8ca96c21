import type { Database } from '../../db/database.js'

/** Where an act stands in the revocation log: "x" and the id of its transaction. Opaque to everybody else. */
export type Position = `x${string}`

export const positionOf = (xid: string | null): Position | null => (xid === null ? null : `x${xid}`)

/** @returns undefined for what no act was ever answered with */
export const readPosition = (text: string): Position | undefined =>
  /^x[1-9]\d{0,14}$/.test(text) ? (text as Position) : undefined

export const xidOf = (position: Position): number => Number(position.slice(1))

/**
 * Who wants to hear of what a handle appends, and what it has appended so far. On the handle itself: in a `WeakMap` that
 * each request adds to, V8's young collections take the values for alive, and with them all that the requests have made.
 */
const LISTENER = Symbol('who hears of what a handle appends')
const APPENDED = Symbol('what a handle has appended')

interface Noticing {
  [LISTENER]?: (position: Position) => void
  [APPENDED]?: Position
}

/**
 * A handle like `db` that tells of each act that ended trust, or gave it back, through it: once its transaction has
 * committed, and not at all when that was rolled back. Of several it is enough to remember the last: it began when those
 * before it had committed, so whoever sees it sees them.
 *
 * @param onEnded is called with the position of the act
 */
export function noticing<D extends Database>(db: D, onEnded: (position: Position) => void): D {
  // Every request has one: a prototype and one method of its own cost nothing, where a proxy would at each access.
  const handle: D & Noticing = Object.create(db)
  handle[LISTENER] = onEnded
  handle.transaction = async (act, config) => {
    let within: Noticing | undefined
    const result = await db.transaction((tx) => {
      const inner: typeof tx & Noticing = noticing(tx, (position) => {
        inner[APPENDED] = position
      })
      within = inner
      return act(inner)
    }, config)
    const position = within?.[APPENDED]
    if (position) onEnded(position)
    return result
  }
  return handle
}

/** Called with each entry of the log. */
export function notePosition(tx: Database & Noticing, xid: string): void {
  tx[LISTENER]?.(`x${xid}`)
}

/** Within a transaction of a noticing handle: what it will tell when it commits. */
export const positionWithin = (tx: Database & Noticing): Position | undefined => tx[APPENDED]
