import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { type Database, type OpenDatabase, openDatabase, rowsOf } from '../../src/db/connect.js'
import { isDatabaseUnavailable } from '../../src/db/unavailable.js'
import { createDatabase } from '../support/database.js'
import { aKeepingPooler } from '../support/keepingPooler.js'
import { temporaryFolder } from '../support/server.js'

const { clusters } = inject('databases')
const kinds = [
  { name: 'PGlite', empty: async () => ({ dataDir: temporaryFolder() }) },
  ...clusters.map(({ name, url }) => ({
    name,
    empty: async () => ({ url: await createDatabase(url, { empty: true }), dataDir: '' }),
  })),
]

describe.each(kinds)('on $name', ({ name, empty }) => {
  let options: { url?: string; dataDir: string }
  let database: OpenDatabase
  const open = async () => {
    const opened = await openDatabase(options)
    onTestFinished(() => opened.close())
    return opened
  }
  beforeEach(async () => {
    options = await empty()
    database = await open()
    // The embedded one is migrated by the build.
    if (name === 'PGlite') await emptied(database.db)
  })

  test('S-75 an older binary refuses a newer schema, and says what to do', async () => {
    await database.migrate()
    await database.db.execute(
      sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('from the future', 99999999999999)`,
    )
    await expect(database.migrate()).rejects.toThrow(/newer version of Rollcall.*restore a backup/)
  })

  test('S-75 a migration that fails leaves the old schema whole', async () => {
    // Somebody's own table stands where one of ours wants to be.
    await database.db.execute(sql`create table sessions (mine text)`)
    await database.db.execute(sql`insert into sessions values ('kept')`)
    await expect(database.migrate()).rejects.toThrow()
    expect(await tables(database.db)).toEqual(['sessions'])
    expect(rowsOf(await database.db.execute(sql`select mine from sessions`))).toEqual([{ mine: 'kept' }])
  })

  test('S-75 a start after a failed migration goes through once the cause is gone', async () => {
    await database.db.execute(sql`create table sessions (mine text)`)
    await expect(database.migrate()).rejects.toThrow()
    await database.db.execute(sql`drop table sessions`)
    await database.migrate()
    expect(await tables(database.db)).toContain('sessions')
  })

  test('migrating twice changes nothing', async () => {
    await database.migrate()
    const first = await applied(database.db)
    await database.migrate()
    expect(await applied(database.db)).toEqual(first)
  })

  test('sets that a job has frozen and not marked yet are taken over', async () => {
    await database.migrate()
    const { db } = database
    await db.execute(sql`drop table frozen_sets`)
    await db.execute(sql`drop function frozen_ids`)
    await db.execute(sql`create table job_sessions (session_id uuid primary key, job_id uuid not null)`)
    await db.execute(sql`
      insert into job_sessions select gen_random_uuid(), job from generate_series(1, 250), (values
        ('019abc00-0000-7000-8000-000000000001'::uuid), ('019abc00-0000-7000-8000-000000000002')) jobs (job)`)
    const before = rowsOf(await db.execute(sql`select session_id, job_id from job_sessions order by 1`))
    for (const statement of readFileSync('drizzle/0025_frozen_sets.sql', 'utf8').split('--> statement-breakpoint'))
      await db.execute(sql.raw(statement))
    const after = sql`select unnest(session_ids) as session_id, job_id from frozen_sets order by 1`
    expect(rowsOf(await db.execute(after))).toEqual(before)
    const parts = rowsOf<{ sizes: string; ordered: boolean }>(
      await db.execute(sql`
        select string_agg(cardinality(session_ids)::text, ' ' order by first_id) as sizes, bool_and(first_id <= all (session_ids)) as ordered
        from frozen_sets group by job_id`),
    )
    expect(parts).toEqual(Array.from({ length: 2 }, () => ({ sizes: '100 100 50', ordered: true })))
  })

  if (name === 'PGlite') return
  test('S-75 four nodes that start at the same moment migrate once', async () => {
    const nodes = await Promise.all([open(), open(), open(), open()])
    await Promise.all(nodes.map((node) => node.migrate()))
    expect(await tables(database.db)).toContain('sessions')
    const migrations = await applied(database.db)
    expect(new Set(migrations).size).toBe(migrations.length)
  })

  test('S-75 a start behind a pooler, which keeps the connection of the one before, does not wait for it', async () => {
    const pooled = await aKeepingPooler(options.url ?? '')
    for (const start of ['first', 'second']) {
      const node = await openDatabase({ url: pooled.url, dataDir: '' })
      await expect(
        node.migrate().finally(() => node.close()),
        start,
      ).resolves.toBeUndefined()
    }
  })

  test('S-75 a migration that another process is in the middle of is tried again, not waited for in silence', async () => {
    const other = postgres(options.url ?? '', { max: 1 })
    onTestFinished(() => other.end())
    await other`select pg_advisory_lock(7655255)`
    const error = await database.migrate().catch((thrown: unknown) => thrown)
    expect(isDatabaseUnavailable(error)).toBe(true)
    await other`select pg_advisory_unlock(7655255)`
    await database.migrate()
    expect(await tables(database.db)).toContain('sessions')
  })

  test('S-75 a migration takes as long as it takes, whatever the role’s statements may', async () => {
    const role = `hurried_${randomBytes(4).toString('hex')}`
    await database.db.execute(sql.raw(`create role ${role} superuser login`))
    await database.db.execute(sql.raw(`alter role ${role} set statement_timeout = 300`))
    const url = new URL(options.url ?? '')
    url.username = role
    const hurried = await openDatabase({ url: url.href, dataDir: '' })
    const other = postgres(options.url ?? '', { max: 1 })
    onTestFinished(async () => void (await Promise.all([hurried.close(), other.end()])))
    await other`select pg_advisory_lock(7655255)`
    const migrated = hurried.migrate()
    await wait(1_000)
    await other`select pg_advisory_unlock(7655255)`
    await migrated
    expect(await tables(database.db)).toContain('sessions')
  })
})

async function emptied(db: Database) {
  for (const schema of ['drizzle', 'public']) await db.execute(sql`drop schema ${sql.identifier(schema)} cascade`)
  await db.execute(sql`create schema public`)
}

async function tables(db: Database): Promise<string[]> {
  const rows = rowsOf<{ name: string }>(
    await db.execute(sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`),
  )
  return rows.map(({ name }) => name)
}

async function applied(db: Database): Promise<string[]> {
  const rows = rowsOf<{ hash: string }>(
    await db.execute(sql`select hash from drizzle.__drizzle_migrations order by id`),
  )
  return rows.map(({ hash }) => hash)
}
