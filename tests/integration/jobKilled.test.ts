import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, rowsOf } from '../../src/db/connect.js'
import type { Session } from '../../src/sessions/types.js'
import { createDatabase } from '../support/database.js'
import { multiply } from '../support/manySessions.js'
import { findPostgres, startCluster } from '../support/postgres.js'
import { startServer, temporaryFolder } from '../support/server.js'
import { send } from './api/client.js'

const KEY = `rck_${'k'.repeat(43)}`
const MANY = 12_000

const kinds = [
  { name: 'PGlite', database: async () => undefined },
  ...findPostgres()
    .slice(-1)
    .map((binaries) => ({
      name: binaries.name,
      database: async () => {
        const cluster = await startCluster(binaries)
        onTestFinished(() => cluster.stop())
        return createDatabase(cluster.url('postgres'), { empty: true })
      },
    })),
]

test.each(kinds)(
  'on $name: a sign-out of thousands whose process is killed half way is in effect, and is finished by the next process',
  async ({ database }) => {
    const where = { dataDir: temporaryFolder(), databaseUrl: await database() }
    const first = await startServer({ ...where, env: { ROLLCALL_BOOTSTRAP_KEY: KEY } })
    const { session, token } = await call(first.url, 'POST', '/sessions', {
      account: { externalId: 'many', name: 'Ada Example' },
      client: { ip: '203.0.113.9', userAgent: 'curl/8.14.1' },
    })
    const other = await call(first.url, 'POST', '/sessions', {
      account: { externalId: 'other', name: 'Bo Example' },
      client: { ip: '198.51.100.9', userAgent: 'curl/8.14.1' },
    })
    await first.stop('SIGTERM')
    const tokenOf = await inDatabase(where, (db) => multiply(db, session, MANY))

    const second = await startServer({ ...where, env: { ROLLCALL_BOOTSTRAP_KEY: KEY } })
    const { job } = await call(second.url, 'POST', '/sessions/revoke', {
      filter: { ip: '203.0.113.0/24' },
      reason: 'test',
    })
    // Some batches of a thousand later, wherever in one.
    await pause(Math.random() * 300)
    await second.stop('SIGKILL')
    const left = await inDatabase(where, async (db) => {
      const rows = await db.execute(sql`
      select count(*)::int as n, (select id from sessions where ended_at is null and id <> ${other.session.id} limit 1) as id
      from sessions where ended_at is null and id <> ${other.session.id}`)
      return rowsOf<{ n: number; id: string }>(rows)[0]
    })
    expect(left?.n, 'rows that were still to be marked').toBeGreaterThan(0)

    const third = await startServer({ ...where, env: { ROLLCALL_BOOTSTRAP_KEY: KEY } })
    for (const one of [token, tokenOf(left?.id ?? '')])
      expect(await call(third.url, 'POST', '/sessions/verify', { token: one })).toMatchObject({ status: 'denied' })
    expect(await call(third.url, 'POST', '/sessions/verify', { token: other.token })).toMatchObject({
      status: 'active',
    })
    await expect
      .poll(() => call(third.url, 'GET', `/jobs/${job.id}`), { timeout: 60_000 })
      .toMatchObject({ state: 'done', ended: MANY + 1, gone: 0 })
    const { items } = await call(third.url, 'GET', '/sessions')
    expect(items.map(({ id }: Session) => id)).toEqual([other.session.id])
  },
  180_000,
)

async function inDatabase<T>(
  where: { dataDir: string; databaseUrl: string | undefined },
  work: (db: Awaited<ReturnType<typeof openDatabase>>['db']) => Promise<T>,
): Promise<T> {
  const { db, close } = await openDatabase({ url: where.databaseUrl, dataDir: where.dataDir })
  try {
    return await work(db)
  } finally {
    await close()
  }
}

async function call(origin: string, method: string, path: string, body?: unknown) {
  const { status, text, json } = await send(origin, method, path, { key: KEY, body })
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`)
  return json
}
