import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type postgres from 'postgres'
import {
  asOwner,
  copyFiles,
  freePort,
  type Place,
  startServer,
  stopServer,
  urlAt,
  writeForServer,
} from './postgresServer.js'

export const STANDBY = 'rollcall_standby'

export interface Standby {
  url(database: string): string
  /** Until everything that the primary has committed so far is there. */
  catchUp(): Promise<void>
  /** Follows no longer: what the primary commits from here on is lost to it. */
  cutOff(): Promise<void>
  /** Becomes a primary, on a timeline of its own. */
  promote(): Promise<void>
  stop(): Promise<void>
}

/** By PostgreSQL's own backup functions: the binaries from npm come without pg_basebackup. */
export async function startStandby(primary: Place): Promise<Standby> {
  const port = await freePort()
  const place = { ...primary, port, data: `${primary.data}-standby-${port}` }
  await asOwner(primary.port, async (sql) => {
    await sql`alter system set wal_keep_size = '512MB'`
    await sql`select pg_reload_conf()`
    await sql`select pg_backup_start('standby', true)`
    copyFiles(primary.data, place.data)
    const [backup] = await sql`select labelfile from pg_backup_stop()`
    writeForServer(join(place.data, 'backup_label'), backup?.['labelfile'])
  })
  rmSync(join(place.data, 'postmaster.pid'))
  writeForServer(join(place.data, 'standby.signal'), '')
  const source = `host=127.0.0.1 port=${primary.port} user=rollcall application_name=${STANDBY}`
  appendFileSync(
    join(place.data, 'postgresql.auto.conf'),
    `\nsynchronous_standby_names = ''\nprimary_conninfo = '${source}'\n`,
  )
  const server = await startServer(place)
  return {
    url: urlAt(port),
    catchUp: async () => {
      const [at] = await asOwner(primary.port, (sql) => sql`select pg_current_wal_flush_lsn()::text as lsn`)
      await asOwner(port, (sql) => untilReplayed(sql, at?.['lsn']))
    },
    cutOff: () =>
      asOwner(port, async (sql) => {
        await sql`alter system set primary_conninfo = ''`
        await sql`select pg_reload_conf()`
        while ((await sql`select 1 from pg_stat_wal_receiver`).length > 0) await new Promise(setImmediate)
      }),
    promote: () =>
      asOwner(port, async (sql) => {
        await sql`select pg_promote(true, 30)`
      }),
    stop: () => stopServer(server, 'INT'),
  }
}

async function untilReplayed(sql: postgres.Sql, lsn: string) {
  const replayed = () => sql`select 1 where pg_last_wal_replay_lsn() >= ${lsn}::pg_lsn`
  while ((await replayed()).length === 0) await new Promise(setImmediate)
}
