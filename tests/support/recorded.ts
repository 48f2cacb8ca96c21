import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/connect.js'
import * as schema from '../../src/db/schema.js'

/** What one scan of a plan did. */
export interface Scan {
  table: string
  index: string | undefined
  /** Rows that it looked at, those that a filter took away included. */
  rows: number
}

interface Statement {
  text: string
  parameters: unknown[]
}

/** A connection that remembers its statements, so that a test can ask how the last of them, or each, is answered. */
export function recorded(url: string): {
  db: Database
  explainLast(): Promise<Scan[]>
  explainEach(): Promise<Scan[]>
} {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  onTestFinished(() => client.end())
  const sent: Statement[] = []
  const logger = { logQuery: (text: string, parameters: unknown[]) => void sent.push({ text, parameters }) }
  async function explain({ text, parameters }: Statement): Promise<Scan[]> {
    const values = parameters.map((value) => (value === null ? null : String(value)))
    const [plan] = await client.unsafe(`explain (analyze, format json) ${text}`, values)
    return scansOf(plan?.['QUERY PLAN'][0].Plan)
  }
  return {
    db: drizzle(client, { schema, logger }),
    async explainLast() {
      const last = sent.at(-1)
      if (!last) throw new Error('nothing was asked yet')
      return explain(last)
    },
    async explainEach() {
      const scans = await Promise.all(sent.map(explain))
      return scans.flat()
    },
  }
}

interface PlanNode {
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: PlanNode[]
}

function scansOf(node: PlanNode): Scan[] {
  const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
  const table = node['Relation Name']
  return [
    ...(table ? [{ table, index: node['Index Name'] ?? bitmapOf(node), rows }] : []),
    ...(node.Plans ?? []).flatMap(scansOf),
  ]
}

/** A bitmap heap scan reads what the index scans below it have found. */
const bitmapOf = (node: PlanNode) => node.Plans?.find((below) => below['Index Name'])?.['Index Name']
