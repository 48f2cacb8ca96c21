import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import { type Database, type OpenDatabase, openDatabase, rowsOf } from '../../../src/db/connect.js'
import { followers } from '../../../src/db/schema.js'
import { isAtOrPast, sees } from '../../../src/follower/snapshot.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { appendRevocations } from '../../../src/sessions/log/revocations.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { aSession } from '../../support/builders.js'
import { type Cluster, findPostgres, startCluster } from '../../support/postgres.js'
import { aVerifier } from '../../support/verifier.js'
import { aNode } from './aNode.js'

const append = (db: Database, target: string) =>
  db.transaction((tx) => appendRevocations(tx, [{ kind: 'session', target }]))

const names = inject('databases').clusters.map(({ name }) => name)
const binaries = findPostgres().filter(({ name }) => names.includes(name))

/** A server of the test's own, which dies and comes back. */
describe.each(binaries)('on $name', (binary) => {
  let cluster: Cluster
  let open: OpenDatabase
  const connect = async (url: string) => {
    const opened = await openDatabase({ url, dataDir: '' })
    onTestFinished(() => opened.close())
    return opened
  }
  beforeAll(async () => {
    cluster = await startCluster(binary)
    open = await openDatabase({ url: cluster.url('postgres'), dataDir: '' })
    await open.migrate()
  })
  afterAll(async () => {
    await open?.close()
    await cluster?.stop()
  })

  it('S-19 a standby is never asked for a verdict', async () => {
    const { token, session } = await aSession(open.db)
    const standby = await cluster.startStandby()
    onTestFinished(standby.stop)
    await standby.catchUp()
    const copy = await connect(standby.url('postgres'))
    expect(rowsOf(await copy.db.execute(sql`select pg_is_in_recovery() as yes`))).toEqual([{ yes: true }])
    const node = aNode(copy)
    await expect(node.poll(undefined)).rejects.toThrow()
    for (const ask of [
      () => node.read(undefined),
      () => node.load(token, {}, undefined),
      () => node.load('rcs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', {}, undefined),
      () => node.over([{ id: session.id, ip: null }]),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'wrong_database' })
  })

  it('S-15 a standby that was promoted is another era from its first answer, and answers no miss from before', async () => {
    const { token, session } = await aSession(open.db)
    const standby = await cluster.startStandby()
    onTestFinished(standby.stop)
    await standby.catchUp()
    await standby.cutOff()
    const node = aNode(open)
    const { snapshot } = await node.poll(undefined)
    // The tail of the log that the new primary never gets.
    await revokeSession(open.db, session.id, SYSTEM, null)
    await standby.promote()
    const next = aNode(await connect(standby.url('postgres')))
    await expect(next.load(token, {}, snapshot)).rejects.toMatchObject({ code: 'wrong_database' })
    const answer = await next.poll(snapshot)
    expect(answer).toMatchObject({ anew: true, entries: [] })
    expect(answer.snapshot.era.split('.')[0]).toBe(snapshot.era.split('.')[0])
    expect(answer.snapshot.era).not.toBe(snapshot.era)
    expect(await next.poll(answer.snapshot)).toMatchObject({ anew: false })
  })

  it('S-15 a primary that is cut off from its synchronous standby counts no poll', async () => {
    const standby = await cluster.startStandby()
    await cluster.synchronous(true)
    onTestFinished(() => cluster.synchronous(false))
    const node = aNode(await connect(cluster.url('postgres')))
    const { snapshot } = await node.poll(undefined)
    await node.poll(snapshot)
    await standby.stop()
    await expect(node.poll(snapshot)).rejects.toMatchObject({ code: 'took_too_long' })
    // A read goes through: it makes things fast, and extends nothing.
    await expect(node.read(snapshot)).resolves.toMatchObject({ entries: [] })
    await expect(node.poll(snapshot)).rejects.toThrow()
    await cluster.synchronous(false)
    await expect
      .poll(() =>
        node.poll(snapshot).then(
          () => 'counts',
          () => 'does not',
        ),
      )
      .toBe('counts')
  })

  it('S-15 a backup that was put back is found out, though its transactions have caught up', async () => {
    const node = aNode(open)
    const putBack = await cluster.saveCopy()
    const { snapshot: first } = await polled(node, undefined)
    const { snapshot } = await node.poll(first)
    await putBack()
    await expect
      .poll(() =>
        open.db.execute(sql`select 1`).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const xmax = async () =>
      Number(
        rowsOf<{ xmax: string }>(
          await open.db.execute(sql`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`),
        )[0]?.xmax,
      )
    while ((await xmax()) <= snapshot.xmax) await append(open.db, 'catching up')
    const answer = await polled(node, snapshot)
    expect(answer).toMatchObject({ anew: true })
    expect(await node.poll(answer.snapshot)).toMatchObject({ anew: false })
  })

  it('S-18 what was ended since a backup was taken is live in it again, until everyone is signed out as the README says', async () => {
    const { token, session } = await aSession(open.db)
    const verdict = () => aVerifier(open.db, () => {}).verify(token)
    const putBack = await cluster.saveCopy()
    await revokeSession(open.db, session.id, SYSTEM, 'a stolen laptop')
    expect(await verdict()).toEqual({ status: 'denied', reason: 'ended' })
    await putBack()
    await expect.poll(verdict).toMatchObject({ status: 'active' })
    await killSwitch(open.db, 'everyone', 'a backup was restored', TERMINAL, { confirm: 'everyone' })
    expect(await verdict()).toEqual({ status: 'denied', reason: 'ended' })
    expect(readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')).toContain(
      'rollcall kill --everyone --reason "restored',
    )
  })

  it('S-15 transaction ids that a crash gives out again are not taken for read', async () => {
    await open.db.execute(sql`alter system set wal_writer_delay = '10s'`)
    await open.db.execute(sql`select pg_reload_conf()`)
    const node = aNode(open)
    const { snapshot: first } = await polled(node, undefined)
    const { snapshot: sure } = await node.poll(first)
    // Ids that leave no trace on disk: taken, and given up before anything was flushed.
    const gone: number[] = []
    for (let n = 0; n < 5; n++) {
      await open.db
        .transaction(async (tx) => {
          gone.push(
            Number(rowsOf<{ xid: string }>(await tx.execute(sql`select pg_current_xact_id()::text as xid`))[0]?.xid),
          )
          tx.rollback()
        })
        .catch(() => {})
    }
    const { snapshot: read } = await node.read(sure)
    expect(gone.every((xid) => sees(read, xid))).toBe(true)
    await cluster.crash()
    await expect
      .poll(() =>
        append(open.db, 'reborn 0').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const reborn: number[] = []
    for (let n = 1; n < 8; n++) reborn.push(Number(await append(open.db, `reborn ${n}`)))
    expect(reborn.filter((xid) => gone.includes(xid)).length).toBeGreaterThan(0)
    expect(await polled(node, read)).toMatchObject({ anew: true })
  })

  it('S-15 each run of a server is an era of its own: app processes too see that ids may have been given out again', async () => {
    const node = aNode(open)
    const { snapshot } = await polled(node, undefined)
    await cluster.crash()
    await expect
      .poll(() =>
        append(open.db, 'after the crash').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const answer = await polled(aNode(open), snapshot)
    expect(answer).toMatchObject({ anew: true, entries: [] })
    expect(isAtOrPast(answer.snapshot, snapshot)).toBe(false)
    expect(await node.poll(answer.snapshot)).toMatchObject({ anew: false })
  })

  it('everything is allowed to an ordinary role', async () => {
    await open.db.execute(sql`create role ordinary login`)
    await open.db.execute(sql`create database theirs owner ordinary`)
    const url = new URL(cluster.url('theirs'))
    url.username = 'ordinary'
    const theirs = await connect(url.href)
    await theirs.migrate()
    const { token, session } = await aSession(theirs.db)
    const node = aNode(theirs)
    await node.listen(() => {})
    const { snapshot } = await node.poll(undefined)
    await revokeSession(theirs.db, session.id, SYSTEM, null)
    const answer = await node.poll(snapshot)
    expect(answer.entries.map(({ target }) => target)).toEqual([session.id])
    await node.report(answer.snapshot)
    expect(await node.load(token, {}, answer.snapshot)).toMatchObject({ facts: { over: 'ended' } })
    expect(await node.over([{ id: session.id, ip: null }])).toEqual([{ id: session.id, reason: 'ended' }])
    await node.leave()
    const [row] = await theirs.db.select().from(followers).where(eq(followers.id, node.id))
    expect(row?.leftAt).toBeInstanceOf(Date)
  })
})

/** A poll once the server is back. */
async function polled(node: ReturnType<typeof aNode>, after: Parameters<typeof node.poll>[0]) {
  for (let tries = 0; ; tries++) {
    try {
      return await node.poll(after)
    } catch (error) {
      if (tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
