import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../db/connect.js'
import type { AuditEventId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { installation } from '../db/schema.js'
import type { Head } from './seal.js'
import { CHAIN_PROBLEMS, type ChainReport, type VerifyOptions, verifyChain } from './verify.js'

/** Who runs a check says so this often at least; whoever is silent for six times as long has died. */
const BEAT_MS = 5_000
const DEAD_AFTER_MS = 6 * BEAT_MS
const RUNNING = 'audit-check-running'
const LAST = 'audit-check-last'

const instant = z.iso.datetime().transform((text) => new Date(text))

const Report = z.object({
  from: z.number(),
  to: z.number(),
  head: z.custom<Head>((text) => typeof text === 'string').nullable(),
  through: instant.nullable(),
  events: z.number(),
  problems: z.array(
    z.object({
      kind: z.enum(CHAIN_PROBLEMS),
      event: z.custom<AuditEventId>((text) => typeof text === 'string').nullable(),
      seal: z.number().nullable(),
    }),
  ),
  problemCount: z.number(),
})

const Last = z.object({ report: Report, startedAt: instant, finishedAt: instant, by: z.string() })
/** The last check that came to its end. */
export type LastCheck = z.infer<typeof Last>

const Running = z.object({ startedAt: instant, beatAt: instant, events: z.number(), by: z.string() })
export type RunningCheck = z.infer<typeof Running>

/** What is known of the chain without reading it. */
export interface ChainState {
  last: LastCheck | undefined
  running: RunningCheck | undefined
}

export async function chainState(db: Database): Promise<ChainState> {
  const rows = rowsOf<{ key: string; value: string }>(
    await db.execute(sql`
      select ${installation.key} as key, ${installation.value} as value from ${installation}
      where ${installation.key} in (${RUNNING}, ${LAST})`),
  )
  const read = <T>(key: string, schema: z.ZodType<T>) =>
    schema.safeParse(JSON.parse(rows.find((row) => row.key === key)?.value ?? 'null')).data
  const running = read(RUNNING, Running)
  const alive = running && Date.now() - running.beatAt.getTime() < DEAD_AFTER_MS
  return { last: read(LAST, Last), running: alive ? running : undefined }
}

/**
 * Verifies the chain, and remembers what came of it. One at a time in the installation; one whose process has died is
 * taken over.
 *
 * @param by who asked for it
 * @returns undefined while another one runs
 * @throws Stopped
 */
export async function checkChain(
  db: Database,
  by: string,
  options: Omit<VerifyOptions, 'onProgress'> = {},
): Promise<ChainReport | undefined> {
  const startedAt = new Date()
  if (!(await claim(db, { startedAt, beatAt: startedAt, events: 0, by }))) return undefined
  let beatAt = startedAt.getTime()
  try {
    const report = await verifyChain(db, {
      ...options,
      onProgress: async (events) => {
        if (Date.now() - beatAt < BEAT_MS) return
        beatAt = Date.now()
        await remember(db, RUNNING, { startedAt, beatAt: new Date(beatAt), events, by })
        await announce(db, { kind: 'audit' })
      },
    })
    // What one caller had noted is for that caller.
    const { noted: _, ...chain } = report
    if (!report.noted) await remember(db, LAST, { report: chain, startedAt, finishedAt: new Date(), by })
    return report
  } finally {
    await db.execute(sql`delete from ${installation} where ${installation.key} = ${RUNNING}`)
    await announce(db, { kind: 'audit' })
  }
}

async function claim(db: Database, running: RunningCheck): Promise<boolean> {
  const dead = new Date(Date.now() - DEAD_AFTER_MS).toISOString()
  const claimed = rowsOf(
    await db.execute(sql`
      insert into ${installation} (key, value) values (${RUNNING}, ${JSON.stringify(running)})
      on conflict (key) do update set value = excluded.value
        where ${installation.value}::json->>'beatAt' < ${dead}
      returning key`),
  )
  return claimed.length > 0
}

const remember = (db: Database, key: string, value: object) =>
  db.execute(sql`
    insert into ${installation} (key, value) values (${key}, ${JSON.stringify(value)})
    on conflict (key) do update set value = excluded.value`)

/** Of the time, a check in the background takes at most so much. */
const SHARE = 1 / 100
/** Several nodes do not each check what one of them has just checked. */
const SHORTEST_MS = 50_000

/** A check by itself, as often as its length allows: of a small log each minute, of a million events twice an hour. */
export async function checkChainAtTimes(db: Database, stopping: AbortSignal): Promise<void> {
  const { last } = await chainState(db)
  const tookMs = last ? last.finishedAt.getTime() - last.startedAt.getTime() : 0
  if (last && Date.now() - last.finishedAt.getTime() < Math.max(tookMs / SHARE, SHORTEST_MS)) return
  await checkChain(db, 'Rollcall', { signal: stopping }).catch((error: unknown) => {
    if (!stopping.aborted) throw error
  })
}
