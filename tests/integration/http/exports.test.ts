import { get, type IncomingMessage } from 'node:http'
import { desc, eq, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { revokeKey } from '../../../src/accounts/apps/keys.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { sealAudit } from '../../../src/audit/seal.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { KeyId } from '../../../src/db/ids.js'
import { auditEvents } from '../../../src/db/schema.js'
import { createExports } from '../../../src/http/exports.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
import { PAYLOADS } from '../admin/payloads.js'
import { signedIn } from '../admin/signedIn.js'
import { aKey, send } from '../api/client.js'

/** Of what happens behind the answer, on a machine that has much to do. */
const PATIENT = { timeout: 30_000 }

/** More than one query brings. */
const MANY = 450

eachKindOfDatabase((database) => {
  const app = useApp(database)
  let viewer: BrowserLikeClient
  const today = new Date().toISOString().slice(0, 10)

  beforeAll(async () => {
    const { db } = database
    viewer = await signedIn(db, app.url, await anAccount(db, { role: 'viewer', name: 'Vera Viewer' }))
    const { session } = await aSession(db, {
      account: await anAccount(db, { name: '=HYPERLINK("x","Grace")' }),
    })
    await copies(session.id, MANY)
    await revokeSession(db, (await aSession(db, { from: 'Lisbon' })).session.id, SYSTEM, 'over')
    await blockNetwork(db, { network: '198.51.100.0/24', reason: '-scanner', endSessions: false }, SYSTEM)
    await anOwner(db)
  })

  /** As many more, live, of the same account. */
  async function copies(id: string, times: number, userAgent = '') {
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`create temporary table copies on commit drop as
        select s.* from sessions s, generate_series(1, ${times}) where s.id = ${id}`)
      await tx.execute(sql`update copies set id = gen_random_uuid(), user_agent = ${userAgent}`)
      await tx.execute(sql`insert into sessions select * from copies`)
      await tx.execute(sql`insert into session_activity (session_id, last_seen_at) select id, now() from copies`)
    })
  }

  const lastExport = async () => {
    const [event] = await database.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.action, 'list.exported'))
      .orderBy(desc(auditEvents.id))
      .limit(1)
    return event
  }

  describe('an export of a list of the panel', () => {
    test('has every line of the filter, page after page, in a file with the day in its name', async () => {
      const { status, headers, body } = await viewer.get('/admin/sessions/export?format=csv&q=Grace&country=DE')
      expect(status).toBe(200)
      expect(headers.get('content-disposition')).toBe(`attachment; filename="rollcall-sessions-${today}.csv"`)
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
      expect(headers.get('cache-control')).toBe('no-store')
      const [head, ...lines] = body.trimEnd().split('\r\n')
      expect(head).toMatch(/^id,state,accountId,name,email,/)
      expect(lines).toHaveLength(MANY + 1)
      expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(MANY + 1)
    })

    test('is offered on each list with the filter that is set, without the page of it', async () => {
      const offered = async (path: string) =>
        [...(await viewer.get(path)).body.matchAll(/href="([^"]*\/export\?[^"]*)"/g)].map(([, href]) =>
          href?.replaceAll('&amp;', '&'),
        )
      expect(await offered('/admin/sessions?q=Grace&state=all&sort=oldest')).toEqual([
        '/admin/sessions/export?format=csv&q=Grace&state=all&sort=oldest',
        '/admin/sessions/export?format=jsonl&q=Grace&state=all&sort=oldest',
      ])
      expect(await offered('/admin/accounts?role=admins')).toContain('/admin/accounts/export?format=csv&role=admins')
      expect(await offered('/admin/blocks?kind=network')).toContain('/admin/blocks/export?format=csv&kind=network')
      expect(await offered('/admin/audit?group=blocks&range=7d')).toHaveLength(3)
      for (const path of [
        '/admin/sessions?ip=192.0.2.0%2F24',
        '/admin/accounts?status=active',
        '/admin/audit?actor=system',
      ])
        for (const href of await offered(path)) expect((await viewer.get(href ?? '')).status, href).toBe(200)
    })

    test('is an event of the audit log: who, which list, which filter, how many lines', async () => {
      await viewer.get('/admin/sessions/export?format=jsonl&state=ended')
      expect(await lastExport()).toMatchObject({
        result: 'done',
        actorName: 'Vera Viewer',
        targetName: 'Sessions',
        details: { format: 'jsonl', rows: 1, filter: { state: 'ended' } },
      })
    })

    test('S-44 starts no formula in a spreadsheet', async () => {
      const { body } = await viewer.get('/admin/accounts/export?format=csv&q=Grace')
      expect(body).toContain(`"'=HYPERLINK(""x"",""Grace"")"`)
      expect((await viewer.get('/admin/blocks/export?format=csv')).body).toContain(",'-scanner,")
    })

    test('as JSON Lines is one object a line', async () => {
      const read = async (path: string) =>
        (await viewer.get(path)).body
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      expect(await read('/admin/blocks/export?format=jsonl&kind=network')).toMatchObject([
        { network: '198.51.100.0/24', reason: '-scanner', createdBy: 'Rollcall' },
      ])
      expect(await read('/admin/accounts/export?format=jsonl&role=owner')).toMatchObject([{ role: 'owner' }])
      const [event] = await read('/admin/audit/export?format=jsonl&group=blocks')
      expect(event).toMatchObject({ action: 'network.blocked', actor: { kind: 'system' } })
      const [ocsf] = await read('/admin/audit/export?format=ocsf&group=blocks')
      expect(ocsf).toMatchObject({ class_uid: 3004, metadata: { event_code: 'network.blocked' } })
    })

    test.each(Object.values(PAYLOADS))('S-43 %s is text in it', async (text) => {
      await anAccount(database.db, { name: text, email: `x${Math.random()}@export.example` })
      const found = (await viewer.get('/admin/accounts/export?format=jsonl&q=%40export.example')).body
      const names = found
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name)
      expect(names).toContain(text)
    })

    test('S-61 holds no hash and no secret', async () => {
      for (const list of ['sessions', 'accounts', 'blocks', 'audit'])
        expect((await viewer.get(`/admin/${list}/export?format=jsonl`)).body).not.toMatch(
          /secret|hash|\$argon2|rc[sk]_/i,
        )
    })

    test('of an unknown format or filter is a clear 400, and takes nothing along', async () => {
      const before = await lastExport()
      for (const query of ['format=xml', '', 'format=csv&colour=red', 'format=csv&after=x'])
        expect((await viewer.get(`/admin/sessions/export?${query}`)).status).toBe(400)
      expect((await lastExport())?.id).toBe(before?.id)
    })
  })

  describe('an export that breaks off', () => {
    /** Of which sockets hold a part alone. */
    const LARGE = 'q=Lorenz'

    beforeAll(async () => {
      const { session } = await aSession(database.db, {
        account: await anAccount(database.db, { name: 'Lorenz Large' }),
      })
      await copies(session.id, MANY, 'x'.repeat(40_000))
    })

    /** The raw answer, of which nothing is taken until one asks. */
    const slowly = (path: string, cookie = `rollcall=${viewer.cookies.get('rollcall')}`) => slowlyWith(path, { cookie })
    const slowlyWith = (path: string, headers: Record<string, string>) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        get(`${app.url}${path}`, { headers, agent: false }, resolve).on('error', reject)
      })
    const toItsEnd = async (answer: IncomingMessage) => {
      let bytes = 0
      for await (const chunk of answer) bytes += chunk.length
      return bytes
    }

    test('because the reader may not any more is cut, does not end well, and says so in the audit log', async () => {
      const { db } = database
      const leaver = await anAccount(db, { role: 'viewer', name: 'Lea Leaver' })
      const { token, session } = await aSession(db, { account: leaver, ip: '127.0.0.1' })
      app.services.exports = createExports({ recheckMs: 0 })
      const answer = await slowly(`/admin/sessions/export?format=jsonl&${LARGE}`, `rollcall=${token}`)
      await revokeSession(db, session.id, SYSTEM, 'left')
      await expect(toItsEnd(answer)).rejects.toThrow('aborted')
      await expect.poll(lastExport, PATIENT).toMatchObject({ actorName: 'Lea Leaver', result: 'failed' })
      app.services.exports = createExports()
    })

    test('S-60 because the key that takes it was revoked is cut, and says so in the audit log', async () => {
      const { db } = database
      const { secret, id } = await aKey(db, { scopes: ['audit:read'] })
      await db.execute(sql`insert into audit_events (id, action, actor_kind, actor_name, reason)
        select gen_random_uuid(), 'job.paused', 'system', 'Rollcall', repeat('x', 40000) from generate_series(1, ${MANY}::int)`)
      app.services.exports = createExports({ recheckMs: 0 })
      const headers = { authorization: `Bearer ${secret}` }
      const answer = await slowlyWith('/api/v1/audit/export?action=job.paused', headers)
      await revokeKey(db, id as KeyId, SYSTEM)
      await expect(toItsEnd(answer)).rejects.toThrow('aborted')
      await expect.poll(lastExport, PATIENT).toMatchObject({ actorKind: 'key', result: 'failed' })
      app.services.exports = createExports()
    })

    test('because the client went is given up, and says so in the audit log', async () => {
      const answer = await slowly('/admin/sessions/export?format=csv&sort=oldest&q=Lorenz')
      answer.destroy()
      await expect
        .poll(async () => (await lastExport())?.details, PATIENT)
        .toMatchObject({ filter: { sort: 'oldest' } })
    })

    test('because its reader takes nothing is cut', async () => {
      app.services.exports = createExports({ slowReaderMs: 200 })
      const answer = await slowly(`/admin/sessions/export?format=jsonl&${LARGE}`)
      await expect
        .poll(async () => (await lastExport())?.details, PATIENT)
        .toMatchObject({ format: 'jsonl', rows: 200 })
      await expect(toItsEnd(answer)).rejects.toThrow('aborted')
      app.services.exports = createExports()
    })

    test('because the database fails is cut', async () => {
      const answer = await slowly(`/admin/sessions/export?format=csv&${LARGE}`)
      await database.db.execute(sql`alter table session_activity rename to gone`)
      await expect(toItsEnd(answer)).rejects.toThrow('aborted')
      await database.db.execute(sql`alter table gone rename to session_activity`)
    })

    test('because the server stops is cut, and is one line of the audit log', async () => {
      const taken = () => database.db.$count(auditEvents, eq(auditEvents.action, 'list.exported'))
      const before = await taken()
      const answer = await slowly(`/admin/sessions/export?format=jsonl&${LARGE}`)
      for (let told = 0; told < 2; told += 1) app.services.exports.closeAll()
      await expect(toItsEnd(answer)).rejects.toThrow('aborted')
      await expect.poll(taken, PATIENT).toBeGreaterThan(before)
      expect((await viewer.get('/admin/blocks/export?format=csv')).status).toBe(200)
      expect(await taken()).toBe(before + 2)
    })

    test('before it began takes no place', async () => {
      app.services.exports = createExports({ mostOfOne: 1 })
      const status = async () => (await viewer.get('/admin/audit/export?format=csv')).status
      await database.db.execute(sql`alter table audit_events rename to gone`)
      expect(await status()).toBeGreaterThanOrEqual(500)
      await database.db.execute(sql`alter table gone rename to audit_events`)
      expect(await status()).toBe(200)
      app.services.exports = createExports()
    })

    test('is none that was only asked for its head: it takes no place, and nothing was taken along', async () => {
      const before = await lastExport()
      for (let n = 0; n < 4; n += 1) {
        const { status, headers } = await viewer.fetch('/admin/blocks/export?format=csv', { method: 'HEAD' })
        expect(status).toBe(200)
        expect(headers.get('content-disposition')).toMatch(/^attachment; filename="rollcall-blocks-/)
      }
      expect((await lastExport())?.id).toBe(before?.id)
      expect((await viewer.get('/admin/blocks/export?format=csv')).status).toBe(200)
    })

    test('is none of too many: the next one is refused in words', async () => {
      app.services.exports = createExports({ mostOfOne: 0 })
      const { status, headers } = await viewer.get('/admin/blocks/export?format=csv')
      expect([status, headers.get('retry-after')]).toEqual([429, '10'])
      app.services.exports = createExports()
    })
  })

  describe('the audit log over the API', () => {
    test('is exported whole or by a filter, in each format, for keys with audit:read', async () => {
      const { secret: key } = await aKey(database.db, { scopes: ['audit:read'] })
      const read = (query: string) => send(app.url, 'GET', `/audit/export?${query}`, { key })
      const lines = (await read('')).text.trimEnd().split('\n')
      expect(lines.length).toBeGreaterThan(5)
      const first = JSON.parse(lines[0] ?? '')
      const page = (await send(app.url, 'GET', '/audit?limit=1&action=key.created', { key })).json
      expect(Object.keys(first).sort()).toEqual(Object.keys(page.items[0]).sort())
      expect((await read('format=csv&action=network.blocked')).text.trimEnd().split('\r\n')).toHaveLength(2)
      expect((await read('format=ocsf&action=network.blocked')).json).toMatchObject({ class_uid: 3004 })
      expect(await lastExport()).toMatchObject({
        actorKind: 'key',
        details: { format: 'ocsf', rows: 1, filter: { action: 'network.blocked' } },
      })
      expect((await read('format=xml')).status).toBe(400)
      expect((await send(app.url, 'GET', '/audit/export', {})).status).toBe(401)
    })

    test('S-63 is verified, a head that was noted is compared, and what is wrong is named', async () => {
      const { db } = database
      const { secret: key } = await aKey(db, { scopes: ['audit:read'] })
      await sealAudit(db)
      const verify = async (query = '') => (await send(app.url, 'GET', `/audit/verify${query}`, { key })).json
      const { head, ...chain } = await verify()
      expect(chain).toMatchObject({ intact: true, from: 1, problems: [], problemCount: 0 })
      expect((await verify(`?head=${head}`)).noted).toBe('same')
      expect(await verify(`?head=1.${'0'.repeat(64)}`)).toMatchObject({ intact: false, noted: 'differs' })
      expect((await send(app.url, 'GET', '/audit/verify?head=1.x', { key })).status).toBe(400)

      const [event] = await db.select({ id: auditEvents.id }).from(auditEvents).limit(1)
      await pastTheTriggers(sql`update audit_events set reason = coalesce(reason, '') || '!' where id = ${event?.id}`)
      expect(await verify()).toMatchObject({ intact: false, problems: [{ kind: 'changed', event: event?.id }] })
    })
  })

  const pastTheTriggers = (statement: ReturnType<typeof sql>) =>
    database.db.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`)
      await tx.execute(statement)
    })
})
