import type { Snapshot } from './types.js'

/**
 * PostgreSQL's `pg_visible_in_snapshot`.
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
 */
export function sees(snapshot: Snapshot, xid: number): boolean {
  return xid < snapshot.xmin || (xid < snapshot.xmax && !snapshot.xip.includes(xid))
}

/** True when `a` sees every transaction that `b` sees. Two snapshots with the same ends can differ in the middle. */
export function isAtOrPast(a: Snapshot, b: Snapshot): boolean {
  if (a.era !== b.era) return false
  const hidden = a.xip.every((xid) => !sees(b, xid))
  if (!hidden) return false
  if (a.xmax >= b.xmax) return true
  // What a has not begun to see must be under way for b too.
  if (b.xmax - a.xmax > b.xip.length) return false
  for (let xid = a.xmax; xid < b.xmax; xid++) if (!b.xip.includes(xid)) return false
  return true
}

/** Opaque to everybody else: `era;xmin:xmax:xip,xip` */
export function formatSnapshot({ era, xmin, xmax, xip }: Snapshot): string {
  return `${era};${xmin}:${xmax}:${xip.join(',')}`
}

const SHAPE = /^([\w.-]{1,64});(\d{1,15}):(\d{1,15}):((?:\d{1,15}(?:,\d{1,15})*)?)$/

/** @returns undefined for anything that `formatSnapshot` does not write */
export function parseSnapshot(text: string): Snapshot | undefined {
  const found = SHAPE.exec(text)
  if (!found) return undefined
  const [, era = '', xmin, xmax, list = ''] = found
  return { era, xmin: Number(xmin), xmax: Number(xmax), xip: list === '' ? [] : list.split(',').map(Number) }
}
