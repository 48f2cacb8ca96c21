import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/db/connect.js'
import type { TestDatabases } from './database.js'
import { makeSnapshot } from './embedded.js'
import { type Cluster, findPostgres, startCluster } from './postgres.js'

declare module 'vitest' {
  interface ProvidedContext {
    databases: TestDatabases
  }
}

/** Each vitest project runs the set-up; the first one's databases serve the others. */
const STARTED = 'ROLLCALL_TEST_DATABASES_STARTED'

/** What each test file copies its own database from. */
export const TEMPLATE = 'rollcall_template'

/**
 * Databases for one run: a PostgreSQL cluster for each version at hand and a snapshot of the embedded one.
 * `ROLLCALL_TEST_DATABASES=pglite,18` narrows them while one works on something else.
 */
export default async function setUp(project: TestProject) {
  const started = process.env[STARTED]
  if (started) return project.provide('databases', JSON.parse(started))
  const wanted = process.env['ROLLCALL_TEST_DATABASES']?.split(',')
  const binaries = findPostgres().filter(({ name }) => !wanted || wanted.some((word) => name.endsWith(` ${word}`)))
  const [snapshot, ...clusters] = await Promise.all([makeSnapshot(), ...binaries.map(startMigrated)])
  const databases: TestDatabases = {
    snapshot: !wanted || wanted.includes('pglite') ? snapshot : null,
    clusters: clusters.map(({ name, url }) => ({ name, url: url('postgres') })),
  }
  process.env[STARTED] = JSON.stringify(databases)
  project.provide('databases', databases)
  return async () => {
    delete process.env[STARTED]
    await Promise.all(clusters.map((cluster) => cluster.stop()))
  }
}

async function startMigrated(binaries: ReturnType<typeof findPostgres>[number]): Promise<Cluster> {
  const cluster = await startCluster(binaries)
  try {
    const maintenance = postgres(cluster.url('postgres'), { max: 1 })
    await maintenance.unsafe(`create database ${TEMPLATE}`)
    await maintenance.end()
    const template = await openDatabase({ url: cluster.url(TEMPLATE), dataDir: '' })
    await template.migrate()
    await template.close()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}
