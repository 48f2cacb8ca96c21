import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/db/connect.js'
import type { TestDatabases } from './database.js'
import { makeSnapshot } from './embedded.js'
import { type Cluster, findPostgres, startCluster } from './postgres.js'

declare module 'vitest' {
  interface ProvidedContext {
    databases: TestDatabases
    /** The folder that `packedClient` packs into. */
    packedClient: string
  }
}

/** Each vitest project runs the set-up; the first one's databases serve the others. */
const STARTED = 'ROLLCALL_TEST_DATABASES_STARTED'

/** What each test file copies its own database from. */
export const TEMPLATE = 'rollcall_template'

/**
 * Databases for one run: a PostgreSQL cluster for each version at hand and a snapshot of the embedded one.
 * `ROLLCALL_TEST_DATABASES=pglite,18` narrows them while one works on something else, and runs each test on all of these.
 */
export default async function setUp(project: TestProject) {
  const started = process.env[STARTED]
  if (started) return provide(project, JSON.parse(started))
  const wanted = process.env['ROLLCALL_TEST_DATABASES']?.split(',')
  const binaries = findPostgres().filter(({ name }) => !wanted || wanted.some((word) => name.endsWith(` ${word}`)))
  const [snapshot, ...clusters] = await Promise.all([makeSnapshot(), ...binaries.map(startMigrated)])
  const databases: TestDatabases = {
    snapshot: !wanted || wanted.includes('pglite') ? snapshot : null,
    clusters: clusters.map(({ name, url }) => ({ name, url: url('postgres') })),
    all: wanted !== undefined,
  }
  const packedClient = mkdtempSync(join(tmpdir(), 'rollcall-packed-'))
  process.env[STARTED] = JSON.stringify({ databases, packedClient })
  provide(project, { databases, packedClient })
  return async () => {
    delete process.env[STARTED]
    rmSync(packedClient, { recursive: true, force: true })
    await Promise.all(clusters.map((cluster) => cluster.stop()))
  }
}

function provide(project: TestProject, { databases, packedClient }: ProvidedContext) {
  project.provide('databases', databases)
  project.provide('packedClient', packedClient)
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
