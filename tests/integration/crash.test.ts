import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, rowsOf } from '../../src/db/connect.js'
import { createDatabase } from '../support/database.js'
import { findPostgres, startCluster } from '../support/postgres.js'
import { type ServerProcess, spawnServer, startServer, temporaryFolder } from '../support/server.js'

/** Fifty in CI, half of them on each database; a few are enough while one works on something else. */
const KILLS = Number(process.env['ROLLCALL_TEST_KILLS'] ?? 8)
const WORKERS = 6
const KEY = `rck_${'k'.repeat(43)}`

/** A session that the server has acknowledged, and what it may be now: more than one while an answer was missing. */
interface Acknowledged {
  token: string
  account: string
  session: string
  may: Verdict[]
}
type Verdict = 'active' | 'ended' | 'blocked'

const newest = findPostgres().slice(-1)
const kinds = [
  { name: 'PGlite', place: async () => ({ where: { dataDir: temporaryFolder() }, crash: async () => {} }) },
  ...newest.map((binaries) => ({
    name: binaries.name,
    place: async () => {
      const cluster = await startCluster(binaries)
      onTestFinished(() => cluster.stop())
      const databaseUrl = await createDatabase(cluster.url('postgres'), { empty: true })
      return { where: { dataDir: temporaryFolder(), databaseUrl }, crash: cluster.crash }
    },
  })),
]

// Side by side, because each spends its time on starting processes.
test(`S-70 ${KILLS} times kill -9 under load, on both databases: nothing acknowledged is lost, nothing half done is seen`, async () => {
  await Promise.all(kinds.map((kind) => killAndLook(kind, Math.ceil(KILLS / kinds.length))))
}, 900_000)

async function killAndLook({ name, place }: (typeof kinds)[number], kills: number) {
  const { where, crash } = await place()
  const everything: Acknowledged[] = []
  for (let kill = 1; kill <= kills; kill += 1) {
    if (kill % 5 === 1) await killWhileStarting(where)
    const server = await start(where)
    expect(await wrong(server, everything.slice(-50)), `on ${name}, after kill ${kill - 1}`).toEqual([])
    await killUnderLoad(server, everything, kill % 10 === 0 ? crash : async () => {})
  }
  const server = await start(where)
  expect(await wrong(server, everything), `on ${name}, at the end`).toEqual([])
  await server.stop('SIGTERM')
  expect(await halfDone(where), `on ${name}`).toEqual([])
  expect(everything.length, `acknowledged on ${name}`).toBeGreaterThan(kills)
}

interface Where {
  dataDir: string
  databaseUrl?: string
}

const start = (where: Where) => startServer({ ...where, env: { ROLLCALL_BOOTSTRAP_KEY: KEY, LOG_LEVEL: 'warn' } })

/** At any moment: before the lock, in the middle of the first database or of a migration, or just ready. */
async function killWhileStarting(where: Where) {
  const server = await spawnServer({ ...where, env: { ROLLCALL_BOOTSTRAP_KEY: KEY } })
  await Promise.race([server.answers('/readyz').catch(() => {}), chanceMs(1_200)])
  await server.stop('SIGKILL')
}

async function killUnderLoad(server: ServerProcess, everything: Acknowledged[], crashDatabase: () => Promise<void>) {
  const working = Promise.all(Array.from({ length: WORKERS }, () => signInAndOutUntilCut(server.url, everything)))
  working.catch(() => {})
  await Promise.race([working, grownBy(everything, 1 + Math.floor(Math.random() * 20))])
  await chanceMs(50)
  await crashDatabase()
  await server.stop('SIGKILL')
  await working
}

/** A cold process takes a while for its first answers: it lives until it has given some. */
async function grownBy(everything: Acknowledged[], count: number) {
  const enough = everything.length + count
  while (everything.length < enough) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Where in its work the server is when it dies is left to chance: that is the test. */
const chanceMs = (atMost: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * atMost))

async function signInAndOutUntilCut(origin: string, everything: Acknowledged[]) {
  for (;;) {
    try {
      const one = await signIn(origin)
      everything.push(one)
      const next = Math.random()
      if (next < 0.4) await outcome(one, 'ended', call(origin, 'DELETE', `/sessions/${one.session}?reason=tested`))
      else if (next < 0.6) {
        await outcome(one, 'blocked', call(origin, 'PUT', `/accounts/${one.account}/block`, { reason: 'tested' }))
      }
    } catch (error) {
      if (error instanceof Cut) return
      throw error
    }
  }
}

/** Until it is acknowledged, both are right; from then on only the new one is. */
async function outcome(one: Acknowledged, becomes: Verdict, done: Promise<unknown>) {
  one.may = ['active', becomes]
  await done
  one.may = [becomes]
}

async function signIn(origin: string): Promise<Acknowledged> {
  const answer = await call(origin, 'POST', '/sessions', {
    account: { externalId: `person-${Math.random()}`, name: 'Ada Example' },
    client: { ip: '192.0.2.10', userAgent: 'curl/8.14.1' },
  })
  const { token, session } = answer as { token: string; session: { id: string; account: { id: string } } }
  return { token, session: session.id, account: session.account.id, may: ['active'] }
}

async function wrong(server: ServerProcess, acknowledged: Acknowledged[]) {
  const found: { session: string; is: string; may: Verdict[] }[] = []
  const todo = [...acknowledged]
  const check = async () => {
    for (let one = todo.pop(); one; one = todo.pop()) {
      const answer = await call(server.url, 'POST', '/sessions/verify', { token: one.token })
      const { status, reason } = answer as { status: string; reason?: string }
      const is = reason ?? status
      if (!one.may.some((verdict) => verdict === is)) found.push({ session: one.session, is, may: one.may })
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, check))
  return found
}

/** The process, or its database, was gone before it answered. */
class Cut extends Error {}

async function call(origin: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => {
    throw new Cut()
  })
  const text = await response.text().catch(() => {
    throw new Cut()
  })
  if (response.status === 503) throw new Cut()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** Each act is one transaction: its rows, its line in the revocation log and its audit event are all there or none is. */
async function halfDone(where: Where) {
  const { db, close } = await openDatabase({ url: where.databaseUrl, dataDir: where.dataDir })
  try {
    return rowsOf<{ what: string; id: string }>(
      await db.execute(sql`
        select 'session without activity' as what, s.id::text as id from sessions s
          where not exists (select 1 from session_activity a where a.session_id = s.id)
        union all
        select 'session without its audit event', s.id::text from sessions s
          where (select count(*) from audit_events e where e.session_id = s.id and e.action = 'session.started') <> 1
        union all
        select 'audit event without its session', e.session_id::text from audit_events e
          where e.action = 'session.started' and not exists (select 1 from sessions s where s.id = e.session_id)
        union all
        select 'signed out without its audit event', s.id::text from sessions s
          where s.end_reason = 'revoked'
            and (select count(*) from audit_events e where e.session_id = s.id and e.action = 'session.revoked') <> 1
        union all
        select 'signed out without a line in the revocation log', s.id::text from sessions s
          where s.end_reason = 'revoked'
            and not exists (select 1 from revocations r where r.kind = 'session' and r.target = s.id::text)
        union all
        select 'blocked without its audit event', b.account_id::text from blocks b
          where (select count(*) from audit_events e where e.account_id = b.account_id and e.action = 'account.blocked') <> 1
        union all
        select 'blocked, but not signed out', s.id::text from blocks b join sessions s on s.account_id = b.account_id
          where s.ended_at is null`),
    )
  } finally {
    await close()
  }
}
