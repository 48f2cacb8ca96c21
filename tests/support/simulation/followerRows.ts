/** What a node has written of itself, as the table `followers` holds it. Times are true time. */
interface FollowerRow {
  id: string
  name: string
  snapshot: string | null
  apps: readonly object[]
  leaseMs: number
  seenAt: number
  reportedAt: number
  hasLeft: boolean
}

/** As each node tells them: reading a row makes an error of each that is missing. */
const STATS = { hits: 0, misses: 0, sessions: 0, pollMs: 0, horizonAgeMs: 0, nudged: false }

/** The table `followers`: who follows the log, and what they have applied. */
export interface FollowerRows {
  beat(row: Pick<FollowerRow, 'id' | 'name' | 'snapshot' | 'apps' | 'leaseMs' | 'seenAt'>): void
  report(row: Pick<FollowerRow, 'id' | 'apps' | 'reportedAt'> & { snapshot?: string; hasLeft?: boolean }): void
  /** As `readFollowers` selects them. */
  read(now: number, era: string): object[]
  copy(): FollowerRows
}

export function createFollowerRows(before: ReadonlyMap<string, FollowerRow> = new Map()): FollowerRows {
  const rows = new Map(before)
  return {
    beat(row) {
      rows.set(row.id, { reportedAt: 0, hasLeft: false, ...rows.get(row.id), ...row })
    },
    report(row) {
      const known = rows.get(row.id)
      if (known) rows.set(row.id, { ...known, ...row })
    },
    read: (now, era) =>
      [...rows.values()]
        .filter(({ seenAt, hasLeft }) => seenAt > now - (hasLeft ? 65_000 : 600_000))
        .map(({ seenAt, reportedAt, ...row }) => ({
          ...row,
          era,
          version: '',
          startedAt: 0,
          seenAgoMs: now - seenAt,
          toldAgoMs: now - Math.max(seenAt, reportedAt),
          stats: STATS,
        })),
    copy: () => createFollowerRows(rows),
  }
}
