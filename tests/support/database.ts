import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { type Database, type OpenDatabase, openDatabase } from '../../src/db/connect.js'
import { openInMemory } from './embedded.js'
import { type Cluster, findPostgres, startCluster } from './postgres.js'

/** What the global set-up tells the test files. */
export interface TestDatabases {
  /** Path of the embedded database's snapshot, or null when it is not wanted. */
  snapshot: string | null
  /** `url` is that of the cluster's maintenance database. */
  clusters: { name: string; url: string }[]
  /** Whether each test runs on all of them, because the run named them. */
  all: boolean
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

/**
 * Runs the tests on PGlite, which is the newest PostgreSQL's own code, and on the oldest PostgreSQL at hand, each on one
 * fresh database.
 */
export function eachDatabase(tests: (database: TestDatabase) => void) {
  onEmbedded(tests)
  eachPostgres(tests)
}

/** For what needs more than one connection. */
export const eachPostgres = (tests: (database: TestDatabase) => void) => on(postgresClusters(), tests)

/** Those that most tests run on: the oldest one, or all that the run named. */
export function postgresClusters(): TestDatabases['clusters'] {
  const { clusters, all } = inject('databases')
  return all ? clusters : clusters.slice(0, 1)
}

/** For what differs by version: plans, what the server says of itself, migrations. */
export function everyDatabase(tests: (database: TestDatabase) => void) {
  onEmbedded(tests)
  everyPostgres(tests)
}

export const everyPostgres = (tests: (database: TestDatabase) => void) => on(inject('databases').clusters, tests)

/** For what does not depend on the database: the newest PostgreSQL, which takes a third of PGlite's time, or PGlite where the run was narrowed to it. */
export function oneDatabase(tests: (database: TestDatabase) => void) {
  if (inject('databases').clusters.length > 0) newestPostgres(tests)
  else onEmbedded(tests)
}

/** For pages over several processes, which look the same on each version. */
export const newestPostgres = (tests: (database: TestDatabase) => void) =>
  on(inject('databases').clusters.slice(-1), tests)

/** For what happens while the database is away: on a cluster of its own, which may be stopped. */
export function ownPostgres(tests: (database: TestDatabase, cluster: () => Cluster) => void) {
  const binaries = findPostgres().slice(-1)
  describe.each(binaries)('on $name of its own', (found) => {
    let cluster: Cluster | undefined
    beforeAll(async () => {
      cluster = await startCluster(found)
    }, 60_000)
    // Declared before those of the tests, so run after them: what they opened is closed by then.
    afterAll(() => cluster?.stop())
    const started = () => opened(cluster)
    tests(
      onPostgres(found.name, () => createDatabase(started().url('postgres'), { empty: true })),
      started,
    )
  })
}

/** For pages over either kind of database. */
export function eachKindOfDatabase(tests: (database: TestDatabase) => void) {
  onEmbedded(tests)
  newestPostgres(tests)
}

/** For what PostgreSQL does by itself. */
export function onEmbedded(tests: (database: TestDatabase) => void) {
  const { snapshot } = inject('databases')
  if (snapshot) describe('on PGlite', () => tests(onPglite(snapshot)))
}

function on(clusters: TestDatabases['clusters'], tests: (database: TestDatabase) => void) {
  describe.each(clusters)('on $name', ({ name, url }) => tests(onPostgres(name, () => createDatabase(url))))
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

function onPostgres(name: string, create: () => Promise<string>): TestDatabase {
  const pools: OpenDatabase[] = []
  let url: string | undefined
  const connect = async () => {
    const pool = await openDatabase({ url: opened(url), dataDir: '' })
    pools.push(pool)
    return pool
  }
  beforeAll(async () => {
    url = await create()
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
