import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { type Database, type OpenDatabase, openDatabase } from '../../src/db/connect.js'
import { openInMemory } from './embedded.js'

/** What the global set-up tells the test files. */
export interface TestDatabases {
  /** Path of the embedded database's snapshot, or null when it is not wanted. */
  snapshot: string | null
  /** `url` is that of the cluster's maintenance database. */
  clusters: { name: string; url: string }[]
}

export interface TestDatabase {
  /** A migrated database of this block's own. Read it inside tests and hooks, not while they are declared. */
  readonly db: Database
  /** The same with its connection, as the process holds it. */
  readonly open: OpenDatabase
  readonly kind: 'pglite' | 'postgres'
  /** "PGlite", "PostgreSQL 15", "PostgreSQL 18" */
  readonly name: string
  /** For a server process of the test's own; undefined on PGlite. */
  readonly url: string | undefined
  /** Two separate pools, as two nodes have, for tests that force an interleaving. PostgreSQL only. */
  twoConnections(): Promise<[Database, Database]>
}

/** Runs the tests on PGlite and on every PostgreSQL at hand, each on one fresh database. */
export function eachDatabase(tests: (database: TestDatabase) => void) {
  const { snapshot } = inject('databases')
  if (snapshot) describe('on PGlite', () => tests(onPglite(snapshot)))
  eachPostgres(tests)
}

/** For what needs more than one connection. */
export function eachPostgres(tests: (database: TestDatabase) => void) {
  describe.each(inject('databases').clusters)('on $name', ({ name, url }) => tests(onPostgres(name, url)))
}

/** For what does not depend on the database: the newest PostgreSQL, which takes a third of PGlite's time, or PGlite where the run was narrowed to it. */
export function oneDatabase(tests: (database: TestDatabase) => void) {
  const { snapshot, clusters } = inject('databases')
  if (clusters.length > 0) newestPostgres(tests)
  else if (snapshot) describe('on PGlite', () => tests(onPglite(snapshot)))
}

/** For pages over several processes, which look the same on each version. */
export function newestPostgres(tests: (database: TestDatabase) => void) {
  describe.each(inject('databases').clusters.slice(-1))('on $name', ({ name, url }) => tests(onPostgres(name, url)))
}

/** For pages over either kind of database. */
export function eachKindOfDatabase(tests: (database: TestDatabase) => void) {
  const { snapshot } = inject('databases')
  if (snapshot) describe('on PGlite', () => tests(onPglite(snapshot)))
  newestPostgres(tests)
}

function onPglite(snapshot: string): TestDatabase {
  let open: OpenDatabase | undefined
  beforeAll(async () => {
    open = await openInMemory(snapshot)
  })
  afterAll(() => open?.close())
  return {
    get db() {
      return opened(open).db
    },
    get open() {
      return opened(open)
    },
    kind: 'pglite',
    name: 'PGlite',
    url: undefined,
    twoConnections: () => Promise.reject(new Error('PGlite has one connection; use eachPostgres.')),
  }
}

function onPostgres(name: string, clusterUrl: string): TestDatabase {
  const pools: OpenDatabase[] = []
  let url: string | undefined
  const connect = async () => {
    const pool = await openDatabase({ url: opened(url), dataDir: '' })
    pools.push(pool)
    return pool
  }
  beforeAll(async () => {
    url = await createDatabase(clusterUrl)
    await connect()
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()))
  })
  return {
    get db() {
      return opened(pools[0]).db
    },
    get open() {
      return opened(pools[0])
    },
    kind: 'postgres',
    name,
    get url() {
      return opened(url)
    },
    twoConnections: async () => [(await connect()).db, (await connect()).db],
  }
}

/** Makes one more database in a cluster, migrated unless `empty`. It goes when the cluster does. */
export async function createDatabase(clusterUrl: string, { empty = false } = {}): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const maintenance = postgres(clusterUrl, { max: 1 })
  await maintenance.unsafe(`create database ${name} template ${empty ? 'template0' : 'rollcall_template'}`)
  await maintenance.end()
  const url = new URL(clusterUrl)
  url.pathname = `/${name}`
  return url.href
}

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The database is open only while tests and hooks run.')
  return value
}
