import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'

/** PostgreSQL refuses to run as root; `nobody` is on every machine. */
export const NOBODY = { uid: 65_534, gid: 65_534 }
export const isRoot = process.getuid?.() === 0
export const asNobody = isRoot ? NOBODY : {}

/** Where a server lives. */
export interface Place {
  bin: string
  home: string
  data: string
  port: number
}

export const urlAt = (port: number) => (database: string) => `postgres://rollcall@127.0.0.1:${port}/${database}`

/** A port that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

export function startServer({ bin, data, home, port }: Place): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    shared_buffers: '64MB',
    // As a hoster's default: what a test's statement takes must not depend on the machine's locale or zone.
    timezone: 'UTC',
  }
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const command = [join(bin, 'postgres'), '-D', data, '-p', String(port), ...flags]
  const server = spawn('sh', ['-c', ENDS_WITH_US, 'sh', ...command], {
    ...asNobody,
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let said = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000)
      if (/ready to accept (read-only )?connections/.test(said)) resolve(server)
    })
    server.on('error', reject)
    server.on('exit', (code) => reject(new Error(`PostgreSQL stopped with ${code}:\n${said}`)))
  })
}

/**
 * Becomes PostgreSQL, after leaving a process behind that reads descriptor 3 and sends the signal named there: so that
 * the server also ends when the tests are killed and nobody is left to stop it. (Left behind by two forks, because
 * PostgreSQL wonders about children that it did not start.)
 */
const ENDS_WITH_US = '( { read -r signal <&3 || signal=INT; kill -s "$signal" $$; } & ); exec "$@" 3<&-'

/** INT is PostgreSQL's fast shutdown: it ends connections instead of waiting for them. QUIT is the immediate one. */
export function stopServer(server: ChildProcess, signal: 'INT' | 'QUIT'): Promise<void> {
  return new Promise((resolve) => {
    server.on('exit', () => resolve())
    if (server.exitCode !== null) return resolve()
    const told = server.stdio[3]
    if (told && 'end' in told) told.end(`${signal}\n`)
  })
}

/** As the cluster's owner. */
export async function asOwner<T>(port: number, act: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(urlAt(port)('postgres'), { max: 1, onnotice: () => {} })
  try {
    return await act(sql)
  } finally {
    await sql.end()
  }
}

/** With their owner and rights. */
export function copyFiles(from: string, to: string) {
  execFileSync('cp', ['-a', `${from}/.`, to], { ...asNobody, cwd: '/' })
}

/** So that the server may read it, and rename it. */
export function writeForServer(path: string, text: string) {
  writeFileSync(path, text)
  if (isRoot) chownSync(path, NOBODY.uid, NOBODY.gid)
}
