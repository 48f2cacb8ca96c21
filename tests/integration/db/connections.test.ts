import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { aSession } from '../../support/builders.js'
import { everyPostgres } from '../../support/database.js'

/** What PgBouncer passes on of itself. */
const ALWAYS_PASSED = ['application_name', 'client_encoding', 'DateStyle', 'TimeZone']

everyPostgres((database) => {
  async function ask<Row>(db: Database, text: string): Promise<Row[]> {
    return rowsOf<Row>(await db.execute(sql.raw(text)))
  }

  it('that a session was used is written by a plan which is made once, and not for each batch', async () => {
    const { uses } = database.open
    const { session } = await aSession(database.db)
    const touch = { id: session.id, secondsAgo: 0, ip: null, requests: 1 }
    for (let batch = 0; batch < 12; batch++) expect(await touchSessions(uses, [touch], () => session.place)).toEqual([])
    const plans = `select sum(generic_plans)::int as once, sum(custom_plans)::int as anew from pg_prepared_statements
      where statement like '%session_activity%'`
    // On whichever of its connections.
    const counted = await Promise.all([1, 2].map(() => ask<{ once: number | null; anew: number | null }>(uses, plans)))
    const of = (name: 'once' | 'anew') => counted.flat().reduce((sum, row) => sum + (row[name] ?? 0), 0)
    expect(of('once')).toBeGreaterThan(5)
    expect(of('anew')).toBe(0)
  })

  it('the README names what a pooler has to pass of what connections begin with', async () => {
    const { db, checks, polls, uses } = database.open
    const set = `select name from pg_settings where source = 'client'`
    const found = await Promise.all(
      [db, checks, polls, uses].map((connection) => ask<{ name: string }>(connection, set)),
    )
    const names = new Set(found.flat().map(({ name }) => name))
    const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')
    const named = /`ignore_startup_parameters = ([^`]+)`/.exec(readme)?.[1]?.split(',') ?? []
    expect([...names].filter((name) => !ALWAYS_PASSED.includes(name)).sort()).toEqual(named.sort())
  })
})
