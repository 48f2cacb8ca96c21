import type { PGlite } from '@electric-sql/pglite'
import { drizzle as overPglite } from 'drizzle-orm/pglite'
import { drizzle as overPostgres } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import type { Database } from '../../src/db/connect.js'
import * as schema from '../../src/db/schema.js'
import type { TestDatabase } from './database.js'

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  Plans?: Plan[]
}

interface Statement {
  query: string
  params: unknown[]
}

/** Every statement that `work` sends. */
export async function statementsOf(
  { db, kind }: TestDatabase,
  work: (db: Database) => Promise<unknown>,
): Promise<Statement[]> {
  const { $client } = db as unknown as { $client: unknown }
  const sent: Statement[] = []
  const logger = { logQuery: (query: string, params: unknown[]) => void sent.push({ query, params }) }
  const logged =
    kind === 'pglite'
      ? overPglite($client as PGlite, { schema, logger })
      : overPostgres($client as Sql, { schema, logger })
  await work(logged as unknown as Database)
  return sent
}

/** Plans of every statement that `work` sends, as the connections of pages and jobs make them. */
export async function plansOf(
  database: TestDatabase,
  work: (db: Database) => Promise<unknown>,
): Promise<{ indexes: string[]; read: string[] }> {
  const { db, kind } = database
  const { $client } = db as unknown as { $client: unknown }
  const sent = await statementsOf(database, work)
  const indexes = new Set<string>()
  const read = new Set<string>()
  const visit = (plan: Plan) => {
    if (plan['Index Name']) indexes.add(plan['Index Name'])
    if (plan['Node Type'] === 'Seq Scan' && plan['Relation Name']) read.add(plan['Relation Name'])
    for (const below of plan.Plans ?? []) visit(below)
  }
  for (const { query, params } of sent) {
    const statement = `explain (format json) ${query}`
    type Row = { 'QUERY PLAN': [{ Plan: Plan }] }
    const [row] =
      kind === 'pglite'
        ? (await ($client as PGlite).query<Row>(statement, params)).rows
        : await ($client as Sql).unsafe<Row[]>(statement, params as never[])
    if (row) visit(row['QUERY PLAN'][0].Plan)
  }
  return { indexes: [...indexes], read: [...read] }
}
