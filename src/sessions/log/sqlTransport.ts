import { type SQL, sql } from 'drizzle-orm'
import { askInTime } from '../../db/askInTime.js'
import type { Database, OpenDatabase } from '../../db/connect.js'
import { followers } from '../../db/schema.js'
import type { Told } from '../../follower/follower.js'
import { formatSnapshot } from '../../follower/snapshot.js'
import type { Answer, Clock, Snapshot, Transport, Watched } from '../../follower/types.js'
import { type Asked, type FactsRow, loadFacts, loadOver, loadRows, type Over } from '../loadFacts.js'
import { createEcho } from './echo.js'
import { BEAT_AT, type Known, type LogRead, readLog } from './readLog.js'
import { NUDGES, readNudge } from './revocations.js'
import { askTogether } from './together.js'

/** A check's statement may take 1 s: who has heard nothing for longer than that never will. */
const SILENT_MS = 1_500
/** One connection of those for checks is left to everything else that can't wait. */
const MISSES = { atOnce: 3, most: 200, patienceMs: SILENT_MS }

export interface SqlTransportOptions {
  open: Pick<OpenDatabase, 'checks' | 'polls' | 'listen' | 'renew'>
  node: { id: string; name: string; version: string; leaseMs: number }
  clock: Clock
  /** What the heartbeat tells of this node, and of the app processes that follow it. */
  stats: () => object
  apps: () => readonly object[]
}

/** The node's way to the truth. */
export interface SqlTransport extends Transport {
  /** @param appId to any other app a session is `unknown` */
  over(watched: readonly Watched[], appId?: string): Promise<Over[]>
  /**
   * Hears the nudges, and of which entries they told; `heard` is called after each connection too, since what came before
   * it is lost.
   */
  listen(heard: (entries: readonly Told[]) => void): Promise<void>
  /** Tells what has been applied; one report at a time, the latest wins. What fails is made good by the next poll. */
  report(snapshot: Snapshot): Promise<void>
  /** The node has stopped and trusts no memory any more: nobody need wait for it, but for what followed it. */
  leave(): Promise<void>
  /** False where nudges do not arrive (behind a transaction pooler): a revocation then takes up to a poll's interval. */
  readonly nudged: boolean
}

export function createSqlTransport({ open, node, clock, stats, apps }: SqlTransportOptions): SqlTransport {
  let known: Known = {}
  let afterFailure = false
  const echo = createEcho({ open, nodeId: node.id, clock })
  let toReport: Snapshot | undefined
  let reporting = false

  const ask = <T>(line: 'checks' | 'polls', ms: number, question: (db: Database) => Promise<T>) =>
    askInTime(open, line, clock, ms, question)

  const loadRow = askTogether<Asked, FactsRow>({
    ...MISSES,
    clock,
    ask: (asked) => ask('checks', SILENT_MS, (db) => loadRows(db, asked)),
  })

  /** Writes the node's row, unless the one that was written last is not there any more. */
  function beat(after: Snapshot | undefined, beatAt: number | undefined, call: SQL): SQL {
    const figures = JSON.stringify({ ...stats(), nudged: echo.heard })
    const goesOn = sql`${beatAt ?? null}::float8 is null or exists (
      select 1 from ${followers} where id = ${node.id} and ${BEAT_AT} >= ${beatAt ?? null}::float8)`
    return sql`
      insert into ${followers} (id, name, version, snapshot, seen_at, lease_ms, stats, apps)
      select ${node.id}::uuid, ${node.name}, ${node.version}, ${after ? formatSnapshot(after) : null}, clock_timestamp(),
        ${node.leaseMs}::int, ${figures}::text::jsonb, ${JSON.stringify(apps())}::text::jsonb ${call}
      where ${goesOn}
      on conflict (id) do update set
        name = excluded.name, version = excluded.version, snapshot = excluded.snapshot, seen_at = clock_timestamp(),
        lease_ms = excluded.lease_ms, stats = excluded.stats, apps = excluded.apps
      returning ${BEAT_AT} as at`
  }

  async function readAndBeat(db: Database, after: Snapshot | undefined, call: SQL): Promise<LogRead> {
    const reading = { beat: beat(after, known.beatAt, call), afterFailure }
    const read = await readLog(db, node.id, after, known, reading)
    if (!read.beatLost) return read
    // The next heartbeat writes over the proof, and its answer may be lost on the way: so it is kept here.
    known = { ...known, setBack: true }
    return readLog(db, node.id, after, known, { ...reading, beat: beat(after, undefined, call) })
  }

  /** Whoever has waited in vain asks for less, or would wait in vain for as long as the log keeps it. */
  async function askLog(question: (db: Database) => Promise<LogRead>): Promise<LogRead> {
    try {
      const read = await ask('polls', node.leaseMs / 2, question)
      afterFailure = false
      return read
    } catch (error) {
      afterFailure = true
      throw error
    }
  }

  /** What came in time alone is known: an answer that nobody waited for has told nobody. */
  function told({ answer, known: now }: LogRead, after: Snapshot | undefined): Answer {
    known = { ...now, setBack: known.setBack && after !== undefined && !answer.anew }
    return answer
  }

  return {
    async poll(after) {
      const call = echo.call()
      const read = await askLog((db) => readAndBeat(db, after, call.sql))
      call.sent()
      return told(read, after)
    },
    read: async (after) => told(await askLog((db) => readLog(db, node.id, after, known, { afterFailure })), after),
    load: (token, request, position) => loadFacts(loadRow, token, request, position),
    over: (watched, appId) => ask('checks', SILENT_MS, (db) => loadOver(db, watched, appId)),
    async listen(heard) {
      await open.listen(
        NUDGES,
        (payload) => heard(readNudge(payload)),
        () => heard([]),
      )
      await echo.listen()
    },
    async report(snapshot) {
      toReport = snapshot
      if (reporting) return
      reporting = true
      try {
        while (toReport) {
          const text = formatSnapshot(toReport)
          toReport = undefined
          await ask('checks', SILENT_MS, (db) =>
            db.execute(
              sql`update ${followers} set snapshot = ${text}, reported_at = clock_timestamp(),
                apps = ${JSON.stringify(apps())}::text::jsonb where id = ${node.id}`,
            ),
          )
        }
      } catch {
        // The next poll writes it.
      } finally {
        reporting = false
      }
    },
    async leave() {
      await ask('checks', SILENT_MS, (db) =>
        db.execute(
          sql`update ${followers} set left_at = clock_timestamp(), reported_at = clock_timestamp(),
            apps = ${JSON.stringify(apps())}::text::jsonb where id = ${node.id}`,
        ),
      )
    },
    get nudged() {
      return echo.heard
    },
  }
}

/** Of a node that stopped or was killed nobody asks any more an hour later. */
export async function forgetLostNodes(db: Database): Promise<void> {
  await db.execute(sql`delete from ${followers} where seen_at < now() - interval '1 hour'`)
}
