import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../../db/connect.js'
import { followers } from '../../db/schema.js'
import { parseSnapshot } from '../../follower/snapshot.js'
import type { Snapshot } from '../../follower/types.js'
import { hereColumns } from './here.js'

/** What nodes and app processes have in common, as of the last time they told of themselves. Ages are database time. */
interface Told {
  /** One a process, whichever node tells of it. */
  key: string
  name: string
  version: string
  /** What it has applied; undefined until its first poll was answered. */
  snapshot: Snapshot | undefined
  leaseMs: number
  seenAgoMs: number
  /** At most this much of its lease is left; 0: silent for longer, it holds nothing valid any more. */
  leaseLeftMs: number
  hits: number
  misses: number
}

export interface NodeSeen extends Told {
  kind: 'node'
  startedAt: Date
  /** In its memory. */
  sessions: number
  pollMs: number
  /** How long the oldest transaction has held the horizon back. */
  horizonAgeMs: number
  /** NOTIFY arrives at it. */
  nudged: boolean
}

export interface AppProcessSeen extends Told {
  kind: 'app'
  app: { id: string; name: string }
  /** The key that it uses. */
  keyId: string
  /** The node that it asked last. */
  node: NodeSeen
  /** It goes on with what it remembers when nobody answers: for it, the bound does not hold. */
  allowsCached: boolean
}

export interface FollowersSeen {
  /** Of the database that said so; undefined where nobody follows, and of a standby. */
  era: string | undefined
  nodes: NodeSeen[]
  /** An app process that two nodes tell of is there once, as the one that heard of it last tells. */
  apps: AppProcessSeen[]
}

/**
 * Every process that follows the revocation log and was seen within the last minutes, by name. A node that has stopped is
 * none, but its app processes are: they hold a lease until they come to another one, of 60 s at most.
 */
export async function readFollowers(db: Database): Promise<FollowersSeen> {
  const rows = z.array(NodeRow).parse(
    rowsOf(
      await db.execute(sql`
        select ${followers.id}, ${followers.name}, ${followers.version}, ${followers.snapshot}, ${followers.stats}, ${followers.apps},
          ${followers.leaseMs} as "leaseMs", ${epochOf(sql`${followers.startedAt}`)} as "startedAt",
          ${agoOf(sql`${followers.seenAt}`)} as "seenAgoMs",
          ${agoOf(sql`greatest(${followers.seenAt}, ${followers.reportedAt})`)} as "toldAgoMs",
          ${followers.leftAt} is not null as "hasLeft", (select ${hereColumns.era}) as era
        from ${followers}
        where ${followers.seenAt} > now() - case when ${followers.leftAt} is null then interval '10 minutes' else interval '65 seconds' end
        order by ${followers.name}, ${followers.startedAt}`),
    ),
  )
  const told = rows.map((row) => ({ node: toNode(row), row }))
  const apps = new Map<string, AppProcessSeen>()
  for (const { node, row } of told) {
    for (const app of row.apps.flatMap((one) => toApp(one, node, row.toldAgoMs))) {
      const other = apps.get(app.key)
      if (!other || app.seenAgoMs < other.seenAgoMs) apps.set(app.key, app)
    }
  }
  const nodes = told.filter(({ row }) => !row.hasLeft).map(({ node }) => node)
  return { era: rows[0]?.era ?? undefined, nodes, apps: [...apps.values()].sort(byName) }
}

const epochOf = (time: ReturnType<typeof sql>) => sql`extract(epoch from ${time})::float8 * 1000`
const agoOf = (time: ReturnType<typeof sql>) =>
  sql`greatest(0, extract(epoch from clock_timestamp() - ${time})::float8 * 1000)`

const number = z.number().catch(0)
/** Another version may tell less. */
const Stats = z
  .object({
    hits: number,
    misses: number,
    sessions: number,
    pollMs: number,
    horizonAgeMs: number,
    nudged: z.boolean().catch(false),
  })
  .catch({ hits: 0, misses: 0, sessions: 0, pollMs: 0, horizonAgeMs: 0, nudged: false })

const NodeRow = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  snapshot: z.string().nullable(),
  leaseMs: z.number(),
  startedAt: z.number(),
  seenAgoMs: z.number(),
  toldAgoMs: z.number(),
  hasLeft: z.boolean(),
  era: z.string().nullable(),
  stats: Stats,
  apps: z.array(z.unknown()).catch([]),
})
type NodeRow = z.infer<typeof NodeRow>

const AppRow = z.object({
  process: z.string(),
  keyId: z.string(),
  name: z.string(),
  version: z.string(),
  app: z.object({ id: z.string(), name: z.string() }),
  position: z.string().nullable(),
  leaseMs: z.number(),
  seenAgoMs: z.number(),
  hits: number,
  misses: number,
  onUnavailable: z.enum(['deny', 'allow-cached']).catch('deny'),
})

function toNode({ id, name, version, snapshot, leaseMs, startedAt, seenAgoMs, stats }: NodeRow): NodeSeen {
  return {
    kind: 'node',
    key: id,
    name,
    version,
    snapshot: snapshot === null ? undefined : parseSnapshot(snapshot),
    leaseMs,
    seenAgoMs,
    leaseLeftMs: Math.max(0, leaseMs - seenAgoMs),
    startedAt: new Date(startedAt),
    ...stats,
  }
}

function toApp(row: unknown, node: NodeSeen, toldAgoMs: number): AppProcessSeen[] {
  const read = AppRow.safeParse(row)
  if (!read.success) return []
  const { process, keyId, name, version, app, position, leaseMs, hits, misses, onUnavailable } = read.data
  const seenAgoMs = read.data.seenAgoMs + toldAgoMs
  return [
    {
      kind: 'app',
      key: `${keyId} ${process}`,
      name,
      version,
      app,
      keyId,
      node,
      snapshot: position === null ? undefined : parseSnapshot(position),
      leaseMs,
      seenAgoMs,
      leaseLeftMs: Math.max(0, leaseMs - seenAgoMs),
      hits,
      misses,
      allowsCached: onUnavailable === 'allow-cached',
    },
  ]
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
