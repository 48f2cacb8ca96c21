import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type Cluster, findPostgres, freePort, startCluster } from '../../support/postgres.js'

/** PostgreSQL of the distribution where there is one, with statements counted and commits timed. */
export async function startPostgres(): Promise<Cluster> {
  const [binaries] = findPostgres()
  if (!binaries) throw new Error('no PostgreSQL was found')
  const cluster = await startCluster(binaries)
  const sql = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} })
  await sql`alter system set shared_preload_libraries = 'pg_stat_statements'`
  await sql`alter system set track_commit_timestamp = on`
  await sql`alter system set shared_buffers = '512MB'`
  await sql`create database rollcall`
  await sql.end()
  await cluster.crash()
  return cluster
}

export interface Redis {
  url: string
  stop(): void
}

/** @throws Error, in words, where it is not installed */
export async function startRedis(): Promise<Redis> {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
  } catch (error) {
    throw new Error('connect-redis is measured with a Redis of its own: apt-get install -y redis-server', {
      cause: error,
    })
  }
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-redis-'))
  const words = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const server = spawn('redis-server', words.map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  process.on('exit', () => server.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`Redis stopped with ${code}`)))
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('Ready to accept connections')) resolve()
    })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => {
      server.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
