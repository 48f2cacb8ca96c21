import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { addNote, MOST_NOTES } from '../../../src/accounts/notes.js'
import type { Scope } from '../../../src/accounts/types.js'
import { createCounts } from '../../../src/api/counts.js'
import { createRevocationStreams } from '../../../src/api/revocationStream.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { type AppId, BUILT_IN_APP } from '../../../src/db/ids.js'
import { installation, revocations } from '../../../src/db/schema.js'
import { createExports } from '../../../src/http/exports.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aReceiver } from '../../support/receiver.js'
import { aSid } from '../../support/stored.js'
import { aKey, aVisit } from './client.js'
import { type Contract, type DocumentedOperation, readContract } from './document.js'
import { holdInFlight } from './inFlight.js'

const NOBODY = '0199c3a0-0000-7000-8000-00000000dead'
/** What names nothing, as the path takes it. */
const nothingFor = ({ path }: DocumentedOperation) => (path.includes('{sid}') ? aSid().key : NOBODY)

eachDatabase((database) => {
  const server = useApp(database, { ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true' })

  test('every answer is as the OpenAPI document says, and every answer that it documents is given', async () => {
    const contract = await readContract(server.url)
    const { secret } = await aKey(database.db)
    const app = await anApp(database.db)
    await refuseEverywhere(contract, secret, {
      audit: (await aKey(database.db, { app, scopes: ['audit:read'] })).secret,
      other: (await aKey(database.db, { app, scopes: ['sessions:verify'] })).secret,
    })
    await walkSessions(contract, secret, (await aKey(database.db, { app, scopes: ['sessions:read'] })).secret)
    await walkStore(contract, secret, await anApp(database.db))
    await walkAccounts(contract, secret)
    await walkBlocks(contract, secret)
    await walkKeysAndApps(contract, secret)
    await walkHosts(contract, secret)
    await walkWebhooks(contract, secret)
    await walkKillSwitch(contract, secret)
    await walkTheRest(contract, secret)
    if (database.kind === 'postgres') await walkInFlight(contract, secret)
    // PGlite has one connection: nothing is in flight beside another.
    const impossible = Object.keys(IN_FLIGHT).map((id) => `${id} 409`)
    expect(contract.unseen().toSorted()).toEqual(database.kind === 'pglite' ? impossible.toSorted() : [])
  }, 120_000)

  /** What contradicts nothing that is there, and so has no other 409. */
  const IN_FLIGHT: Record<string, { in?: string; body?: object }> = {
    createKey: { body: { app: BUILT_IN_APP, name: 'twice', scopes: ['audit:read'] } },
    revokeSessions: { body: { filter: { q: 'nobody at all' }, reason: 'r', dryRun: true } },
    revokeAccountSessions: { in: NOBODY, body: { reason: 'r' } },
    useKillSwitch: { body: { reason: 'r', confirm: 'nobody' } },
    rotateWebhookSecret: { in: NOBODY },
  }

  async function walkInFlight(contract: Contract, key: string) {
    const [other] = await database.twoConnections()
    for (const [id, how] of Object.entries(IN_FLIGHT)) {
      const call = () => contract.call(id, { key, ...how, headers: { 'idempotency-key': `in-flight-${id}` } })
      await holdInFlight(other, call, async () => {
        const second = await call()
        expect(second, id).toMatchObject({ status: 409, json: { type: expect.stringMatching(/in-flight$/) } })
      })
    }
  }

  /** What needs no knowledge of the operation. */
  async function refuseEverywhere(contract: Contract, secret: string, wrong: { audit: string; other: string }) {
    const needed: Partial<Record<string, Scope>> = {
      listAudit: 'audit:read',
      exportAudit: 'audit:read',
      verifyAudit: 'audit:read',
      verifySession: 'sessions:verify',
      touchSessions: 'sessions:verify',
      listRevocations: 'sessions:verify',
      streamRevocations: 'sessions:verify',
      findOver: 'sessions:verify',
      readAcknowledgement: 'sessions:verify',
      findStored: 'sessions:verify',
      touchStored: 'sessions:verify',
      seeClient: 'sessions:verify',
    }
    for (const operation of contract.operations.filter(({ path }) => !path.startsWith('/problems'))) {
      const status = async (expected: number, how: Parameters<Contract['call']>[1]) =>
        expect(
          (await contract.call(operation.id, { in: nothingFor(operation), ...how })).status,
          `${operation.id} ${expected}`,
        ).toBe(expected)
      await status(401, {})
      await status(401, { key: `rck_${'x'.repeat(43)}` })
      await status(403, {
        key: needed[operation.id] && needed[operation.id] !== 'audit:read' ? wrong.audit : wrong.other,
      })
      await status(400, { key: secret, query: 'token=rcs_x', ...(operation.takesBody ? { body: {} } : {}) })
      if (operation.takesBody) await refuseBodies(status, operation, secret)
    }
  }

  async function refuseBodies(
    status: (expected: number, how: object) => Promise<void>,
    operation: DocumentedOperation,
    key: string,
  ) {
    await status(413, { key, body: `{"a":"${'x'.repeat(70_000)}"}` })
    await status(415, { key, body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    await status(400, { key, body: '{"a":' })
    await status(400, { key, body: { surely: 'not a field' } })
    const valid: Record<string, object> = {
      changeAccount: { name: 'Ada' },
      revokeAccountSessions: { reason: 'r' },
      blockAccount: { reason: 'r' },
      addNote: { note: 'n' },
      changeApp: { disabled: true },
      useKillSwitch: { app: NOBODY, reason: 'r', confirm: 'x' },
    }
    if (valid[operation.id]) await status(404, { key, body: valid[operation.id] })
  }

  async function walkSessions(contract: Contract, key: string, elsewhere: string) {
    const visit = { account: { email: 'ada@example.com' }, client: aVisit() }
    const headers = { 'idempotency-key': 'start-1' }
    const started = await contract.call('startSession', { key, body: visit, headers })
    expect(started.status).toBe(201)
    expect((await contract.call('startSession', { key, body: { ...visit, method: 'saml' }, headers })).status).toBe(422)
    const { token, session } = started.json
    await contract.call('startSession', { key, body: { ...visit, app: NOBODY } })
    await contract.call('startSession', { key, body: { account: { email: 'b@example.com' }, client: aVisit() } })
    const differ = { id: session.account.id, email: 'b@example.com' }
    expect((await contract.call('startSession', { key, body: { account: differ, client: aVisit() } })).status).toBe(409)

    expect((await contract.call('verifySession', { key, body: { token } })).json.status).toBe('active')
    expect((await contract.call('verifySession', { key, body: { token: session.id } })).json.status).toBe('denied')
    const list = await contract.call('listSessions', {
      key,
      query: 'browser=Firefox&os=Linux&ip=203.0.113.0%2F24&state=live&sort=oldest&limit=1',
    })
    expect(list.json.items).toHaveLength(1)
    expect((await contract.call('listSessions', { key: elsewhere, query: `app=${BUILT_IN_APP}` })).status).toBe(404)
    await contract.call('findSession', { key, in: session.id })
    await contract.call('findSession', { key, in: NOBODY })
    const { position } = (await contract.call('listRevocations', { key })).json
    const inPosition = { token, position }
    expect((await contract.call('verifySession', { key, body: inPosition })).json).toHaveProperty('memory')
    await contract.call('findOver', { key, body: { items: [{ id: NOBODY }, { id: session.id, ip: '203.0.113.7' }] } })
    await walkStream(contract, key, position)
    await contract.call('touchSessions', { key, body: { items: [{ id: session.id, secondsAgo: 1 }] } })
    const said = await contract.call('revokeSession', { key, in: session.id, query: 'why=signed-out' })
    expect(said, 'by a key of Rollcall itself').toMatchObject({ status: 422 })
    await contract.call('revokeSession', { key, in: session.id, query: 'reason=over' })
    await contract.call('revokeSession', { key, in: NOBODY })

    const filter = { filter: { q: 'b@example.com' }, reason: 'leaver' }
    expect((await contract.call('revokeSessions', { key, body: { ...filter, dryRun: true } })).json).toEqual({
      count: 1,
    })
    server.services.counts = createCounts({ mostOfOne: 0 })
    const refused = await contract.call('revokeSessions', { key, body: { ...filter, dryRun: true } })
    expect(refused.json.type).toMatch(/too-many-counts$/)
    server.services.counts = createCounts()
    const { job } = (await contract.call('revokeSessions', { key, body: filter })).json
    expect(job).toMatchObject({ state: 'done', ended: 1, gone: 0 })
    expect((await contract.call('findJob', { key, in: job.id })).json).toEqual(job)
    await contract.call('findJob', { key, in: NOBODY })
    const foreign = (await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:write'] })).secret
    await contract.call('revokeSessions', {
      key: foreign,
      body: { filter: { app: BUILT_IN_APP, q: 'a' }, reason: 'r' },
    })
    await multiply(session.id, 10_001)
    expect(
      (
        await contract.call('revokeSessions', {
          key,
          body: { filter: { country: 'unknown' }, reason: 'r', expected: 9 },
        })
      ).status,
    ).toBe(422)
  }

  async function walkStore(contract: Contract, panel: string, app: AppId) {
    const key = (await aKey(database.db, { app, scopes: ['sessions:verify', 'sessions:write', 'sessions:read'] }))
      .secret
    const [stored, other] = [aSid().key, aSid().key]
    const body = {
      data: '{}',
      account: { email: 'stored@example.com' },
      client: aVisit(),
      maxAge: 600,
      loadedWith: null,
    }
    expect((await contract.call('keepStored', { key: panel, in: stored, body })).status).toBe(422)
    const kept = await contract.call('keepStored', { key, in: stored, body: { ...body, process: 'p' } })
    expect(kept.json).toMatchObject({ session: expect.any(String), mayHold: true })
    await contract.call('keepStored', { key, in: other, body: { data: '{}', account: { id: NOBODY } } })
    const stale = { data: '{}', account: null, loadedWith: null }
    expect((await contract.call('keepStored', { key, in: stored, body: stale })).status).toBe(409)
    await contract.call('findStored', { key, in: stored, query: 'process=p&ip=203.0.113.9' })
    await contract.call('findStored', { key, in: other })
    await contract.call('touchStored', { key, in: stored, body: { client: aVisit() } })
    await contract.call('touchStored', { key, in: other, body: {} })
    expect((await contract.call('listStored', { key, query: 'limit=1' })).json.items).toHaveLength(1)
    expect((await contract.call('countStored', { key })).json).toEqual({ count: 1 })
    expect((await contract.call('endStored', { key, in: stored, query: 'process=p&why=replaced' })).json.ended).toBe(1)
    for (const operation of ['findStored', 'touchStored', 'keepStored'])
      expect((await contract.call(operation, { key, in: stored, ...(BODIES[operation] ?? {}) })).status).toBe(410)
    expect((await contract.call('endStored', { key, in: NOBODY })).status, 'an id that is no hash').toBe(404)
    expect((await contract.call('clearStore', { key })).json).toEqual({ ended: 0 })
  }
  const BODIES: Record<string, object> = { touchStored: { body: {} }, keepStored: { body: { data: '{}' } } }

  async function walkStream(contract: Contract, key: string, position: string) {
    const query = `after=${encodeURIComponent(position)}`
    await contract.call('streamRevocations', { key, query })
    server.services.revocationStreams = createRevocationStreams({ mostAKey: 0 })
    expect((await contract.call('streamRevocations', { key, query })).status).toBe(429)
    server.services.revocationStreams = createRevocationStreams()
  }

  /** Many more like that one, live. */
  async function multiply(id: string, times: number) {
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`
        create temporary table copies on commit drop as select s.* from sessions s, generate_series(1, ${times}) where s.id = ${id}`)
      await tx.execute(
        sql`update copies set id = gen_random_uuid(), ended_at = null, end_reason = null, country = null`,
      )
      await tx.execute(sql`insert into sessions select * from copies`)
      await tx.execute(sql`insert into session_activity (session_id, last_seen_at) select id, now() from copies`)
    })
    // PGlite works on this event loop: connections whose time ran out meanwhile close before the next one is used.
    await pause(200)
  }

  async function walkAccounts(contract: Contract, key: string) {
    expect((await contract.call('seeClient', { key })).json).toEqual({
      ip: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    })
    const body = { email: 'grace@example.com', name: 'Grace' }
    const headers = { 'idempotency-key': 'account-1' }
    const { json: account } = await contract.call('createAccount', { key, body, headers })
    await contract.call('createAccount', { key, body: { name: 'Another' }, headers })
    await contract.call('createAccount', { key, body })
    const invited = { ...body, email: 'invited@example.com', role: 'viewer' }
    const once = { 'idempotency-key': 'invitation-1' }
    await contract.call('inviteAccount', { key, body: invited, headers: once })
    await contract.call('inviteAccount', { key, body, headers: once })
    await contract.call('inviteAccount', { key, body })
    await contract.call('listAccounts', { key, query: 'q=grace&role=person&status=active' })
    await contract.call('findAccount', { key, in: account.id })
    await contract.call('findAccount', { key, in: NOBODY })
    await contract.call('changeAccount', { key, in: account.id, body: { name: 'Grace Hopper' } })
    await contract.call('changeAccount', { key, in: account.id, body: { email: 'ada@example.com' } })
    const ended = { 'idempotency-key': 'end-all' }
    await contract.call('revokeAccountSessions', { key, in: account.id, body: { reason: 'test' }, headers: ended })
    const reused = { key, in: account.id, body: { reason: 'other' }, headers: ended }
    expect((await contract.call('revokeAccountSessions', reused)).status).toBe(422)
    const { json: note } = await contract.call('addNote', { key, in: account.id, body: { note: 'Away in May' } })
    const noted = { 'idempotency-key': 'note-1' }
    await contract.call('addNote', { key, in: account.id, body: { note: 'once' }, headers: noted })
    await contract.call('addNote', { key, in: account.id, body: { note: 'other' }, headers: noted })
    expect((await contract.call('listNotes', { key, in: account.id })).json.items[1]).toEqual(note)
    await contract.call('listNotes', { key, in: NOBODY })
    await contract.call('removeNote', { key, in: [account.id, note.id] })
    expect((await contract.call('removeNote', { key, in: [account.id, note.id] })).status).toBe(404)
    for (let n = 1; n < MOST_NOTES; n += 1) await addNote(database.db, account.id, `note ${n}`, SYSTEM)
    const full = await contract.call('addNote', { key, in: account.id, body: { note: 'one more' } })
    expect(full).toMatchObject({ status: 409, json: { type: expect.stringMatching(/too-many-notes$/) } })
    await contract.call('blockAccount', {
      key,
      in: account.id,
      body: { reason: 'stolen', until: null, message: 'Ask us' },
    })
    expect((await contract.call('findAccount', { key, in: account.id })).json).toMatchObject({
      status: 'blocked',
      block: { message: 'Ask us' },
    })
    const blocked = await contract.call('startSession', {
      key,
      body: { account: { id: account.id }, client: aVisit() },
    })
    expect(blocked).toMatchObject({ status: 403, json: { type: expect.stringMatching(/blocked$/) } })
    await contract.call('liftAccountBlock', { key, in: account.id, query: 'reason=found' })
    await contract.call('liftAccountBlock', { key, in: account.id })
    const { id } = await anAccount(database.db, { password: 'seven purple bicycles' })
    const required = { 'idempotency-key': 'new-password' }
    await contract.call('requireNewPassword', { key, in: id, body: { reason: 'leaked' }, headers: required })
    const other = { key, in: id, body: { reason: 'other' }, headers: required }
    expect((await contract.call('requireNewPassword', other)).status).toBe(422)
    expect((await contract.call('findAccount', { key, in: id })).json).toMatchObject({ newPasswordRequired: true })
    const none = await contract.call('requireNewPassword', { key, in: account.id, body: { reason: 'leaked' } })
    expect(none).toMatchObject({ status: 409, json: { type: expect.stringMatching(/no-password$/) } })
    await contract.call('requireNewPassword', { key, in: NOBODY, body: { reason: 'leaked' } })
    const owner = await anOwner(database.db)
    expect((await contract.call('blockAccount', { key, in: owner.id, body: { reason: 'r' } })).status).toBe(409)
  }

  async function walkBlocks(contract: Contract, key: string) {
    const body = { network: '198.51.100.0/24', reason: 'scanner' }
    const headers = { 'idempotency-key': 'block-1' }
    const { json: block } = await contract.call('blockNetwork', { key, body, headers })
    await contract.call('blockNetwork', { key, body: { ...body, reason: 'other' }, headers })
    expect((await contract.call('blockNetwork', { key, body: { network: '127.0.0.0/8', reason: 'r' } })).status).toBe(
      409,
    )
    await contract.call('listBlocks', { key, query: 'state=all&kind=network' })
    await contract.call('liftBlock', { key, in: block.id, query: 'reason=over' })
    await contract.call('liftBlock', { key, in: NOBODY })
  }

  async function walkKeysAndApps(contract: Contract, key: string) {
    const headers = { 'idempotency-key': 'app-1' }
    const { json: app } = await contract.call('createApp', { key, body: { name: 'Shop' }, headers })
    await contract.call('createApp', { key, body: { name: 'Shop 2' }, headers })
    await contract.call('createApp', { key, body: { name: 'shop' } })
    await contract.call('listApps', { key })
    const body = { app: app.id, name: 'Shop key', scopes: ['sessions:verify'] }
    const keyed = { 'idempotency-key': 'key-1' }
    const { json: made } = await contract.call('createKey', { key, body, headers: keyed })
    await contract.call('createKey', { key, body: { ...body, name: 'Another' }, headers: keyed })
    await contract.call('createKey', { key, body: { ...body, app: NOBODY } })
    await contract.call('listKeys', { key, query: `app=${app.id}` })
    const quiet = await contract.call('changeApp', { key, in: app.id, body: { onUnavailable: 'allow-cached' } })
    expect(quiet.json).toMatchObject({ onUnavailable: 'allow-cached', disabledAt: null })
    const off = await contract.call('changeApp', { key, in: app.id, body: { disabled: true, reason: 'breach' } })
    expect(off.json.disabledAt).toMatch(/^20/)
    const none = await contract.call('startSession', {
      key,
      body: { app: app.id, account: { email: 'c@example.com' }, client: aVisit() },
    })
    expect(none).toMatchObject({ status: 403, json: { type: expect.stringMatching(/app-disabled$/) } })
    expect(
      (await contract.call('changeApp', { key, in: app.id, body: { disabled: false } })).json.disabledAt,
    ).toBeNull()
    const builtIn = await contract.call('changeApp', { key, in: BUILT_IN_APP, body: { disabled: true } })
    expect(builtIn).toMatchObject({ status: 422, json: { type: expect.stringMatching(/built-in-app$/) } })
    const change = (changes: object) => contract.call('changeApp', { key, in: app.id, body: changes })
    const terms = { name: 'Corner shop', icon: 'store', idleTimeout: 600, sessionLimit: 3, role: 'viewer' }
    expect((await change(terms)).json).toMatchObject({ ...terms, absoluteTimeout: null })
    expect((await contract.call('readApp', { key, in: app.id })).json).toMatchObject(terms)
    expect((await change({ name: 'rollcall' })).status).toBe(409)
    expect((await change({ absoluteTimeout: 300 })).status).toBe(400)
    expect((await change({ reason: 'nothing else' })).status).toBe(400)
    const low = { app: app.id, account: { email: 'c@example.com' }, client: aVisit() }
    expect(await contract.call('startSession', { key, body: low })).toMatchObject({
      status: 403,
      json: { type: expect.stringMatching(/blocked$/) },
    })

    const changeKey = (id: string, changes: object) => contract.call('changeKey', { key, in: id, body: changes })
    const changed = { name: 'Shop till', requestsPerMinute: 600 }
    expect((await changeKey(made.key.id, changed)).json).toMatchObject({ ...changed, scopes: ['sessions:verify'] })
    expect((await changeKey(made.key.id, { name: 'Shop key' })).json).toMatchObject({ requestsPerMinute: 600 })
    expect((await changeKey(made.key.id, { requestsPerMinute: null })).json.requestsPerMinute).toBeNull()
    for (const wrong of [{}, { name: ' ' }, { requestsPerMinute: -1 }, { scopes: ['admin'] }])
      expect((await changeKey(made.key.id, wrong)).status).toBe(400)
    expect((await changeKey(NOBODY, changed)).status).toBe(404)

    const replace = (id: string, oldUntil: unknown, headers = {}) =>
      contract.call('replaceKey', { key, in: id, body: { oldUntil }, headers })
    const twice = { 'idempotency-key': 'replace-1' }
    const { json: next } = await replace(made.key.id, null, twice)
    expect(next.key).toMatchObject({ name: 'Shop key', scopes: ['sessions:verify'], replaces: made.key.id })
    expect((await replace(made.key.id, 'now', twice)).status).toBe(422)
    expect((await replace(made.key.id, '2020-01-01T00:00:00Z')).status).toBe(400)
    expect((await replace(made.key.id, '2999-01-01T00:00:00Z')).status).toBe(400)
    expect((await replace(NOBODY, null)).status).toBe(404)
    await contract.call('revokeKey', { key, in: made.key.id })
    await contract.call('revokeKey', { key, in: NOBODY })
    for (const answer of [await replace(made.key.id, null), await changeKey(made.key.id, changed)])
      expect(answer.json.type).toMatch(/key-over$/)

    expect((await contract.call('deleteApp', { key, in: app.id })).json.type).toMatch(/app-in-use$/)
    expect((await contract.call('deleteApp', { key, in: BUILT_IN_APP })).status).toBe(422)
    await change({ disabled: true })
    expect((await contract.call('deleteApp', { key, in: app.id })).json.name).toBe('Corner shop')
    for (const operation of ['deleteApp', 'readApp'])
      expect((await contract.call(operation, { key, in: app.id })).status).toBe(404)
    const keys = await contract.call('listKeys', { key, query: `app=${app.id}` })
    expect(keys.json.items.every(({ revokedAt }: { revokedAt: unknown }) => revokedAt)).toBe(true)
  }

  async function walkHosts(contract: Contract, key: string) {
    const app = await anApp(database.db)
    const body = { host: 'docs.localhost', app }
    const headers = { 'idempotency-key': 'host-1' }
    const { json: host } = await contract.call('addProtectedHost', { key, body, headers })
    await contract.call('addProtectedHost', { key, body })
    await contract.call('addProtectedHost', { key, body: { ...body, app: BUILT_IN_APP } })
    await contract.call('addProtectedHost', { key, body: { host: 'none.localhost', app: NOBODY } })
    const { json: other } = await contract.call('addProtectedHost', { key, body: { ...body, host: 'other.localhost' } })
    const listed = await contract.call('listProtectedHosts', { key })
    expect(listed.json.items).toEqual([host, other])
    const change = (id: string, changes: object) => contract.call('changeProtectedHost', { key, in: id, body: changes })
    expect((await change(host.id, { role: 'viewer' })).json).toEqual({ ...host, role: 'viewer' })
    expect((await change(host.id, { host: other.host })).status).toBe(409)
    expect((await change(host.id, { app: BUILT_IN_APP })).status).toBe(422)
    expect((await change(NOBODY, { role: 'viewer' })).status).toBe(404)
    expect((await contract.call('removeProtectedHost', { key, in: host.id })).status).toBe(200)
    expect((await contract.call('removeProtectedHost', { key, in: host.id })).status).toBe(404)
  }

  async function walkWebhooks(contract: Contract, key: string) {
    const receiver = await aReceiver((response) => response.writeHead(500).end('not today'))
    const body = { url: receiver.url, events: ['account.blocked'] }
    const headers = { 'idempotency-key': 'webhook-1' }
    const { json: added } = await contract.call('addWebhook', { key, body, headers })
    expect(await contract.call('addWebhook', { key, body: { ...body, description: 'x' }, headers })).toMatchObject({
      status: 422,
    })
    expect(await contract.call('addWebhook', { key, body })).toMatchObject({ status: 409 })
    const inside = await contract.call('addWebhook', { key, body: { ...body, url: 'https://10.0.0.1/' } })
    expect(inside).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'url', message: expect.stringContaining('10.0.0.1') }] },
    })
    const { id } = added.webhook
    expect((await contract.call('listWebhooks', { key })).json.items).toEqual([added.webhook])
    expect((await contract.call('findWebhook', { key, in: id })).json).toEqual(added.webhook)
    const tested = await contract.call('testWebhook', { key, in: id })
    expect(tested.json).toMatchObject({ delivered: false, status: 500, answer: 'not today' })
    expect(receiver.received.map((one) => [one.type, receiver.accepts(one, added.secret)])).toEqual([
      ['rollcall.test', true],
    ])

    const testedOnce = { key, headers: { 'idempotency-key': 'test-1' } }
    const usual = receiver.answer
    let goOn = () => {}
    receiver.answer = (...asked) => {
      goOn = () => usual(...asked)
    }
    const under = contract.call('testWebhook', { ...testedOnce, in: id })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), 10_000)
    expect((await contract.call('testWebhook', { ...testedOnce, in: id })).status).toBe(409)
    goOn()
    expect((await under).status).toBe(200)
    receiver.answer = usual
    for (const other of ['testWebhook', 'rotateWebhookSecret'])
      expect((await contract.call(other, { ...testedOnce, in: NOBODY })).status, other).toBe(422)
    const reused = { ...testedOnce, in: id, body: { delivery: 1 } }
    expect((await contract.call('replayDeliveries', reused)).status).toBe(422)

    const change = (changes: object, of = id) => contract.call('changeWebhook', { key, in: of, body: changes })
    expect((await change({ description: 'SIEM', disabled: false })).json).toEqual({
      ...added.webhook,
      description: 'SIEM',
    })
    expect((await change({ url: 'http://example.com/' })).status).toBe(400)
    const { json: second } = await contract.call('addWebhook', { key, body: { ...body, url: `${receiver.url}/2` } })
    expect((await change({ url: receiver.url }, second.webhook.id)).status).toBe(409)
    await contract.call('removeWebhook', { key, in: second.webhook.id })
    expect((await change({ disabled: true }, NOBODY)).status).toBe(404)
    const rotated = await contract.call('rotateWebhookSecret', { key, in: id })
    expect(rotated.json.secret).not.toBe(added.secret)
    expect(rotated.json.webhook.previousSecretUntil).not.toBeNull()

    const { id: account } = await anAccount(database.db)
    await contract.call('blockAccount', { key, in: account, body: { reason: 'r' } })
    await vi.waitFor(async () => {
      const { json } = await contract.call('listDeliveries', { key, in: id, query: 'state=pending&limit=1' })
      expect(json.items).toMatchObject([{ type: 'account.blocked', attempts: 1, status: 500, answer: 'not today' }])
    }, 10_000)
    const [delivery, ...tests] = (await contract.call('listDeliveries', { key, in: id })).json.items
    const test = { type: 'rollcall.test', state: 'given-up', attempts: 1, status: 500, answer: 'not today' }
    expect(tests).toMatchObject([test, test])
    expect(tests.map(({ messageId }: { messageId: string }) => messageId).toReversed()).toEqual(
      receiver.received.slice(0, 2).map((one) => one.id),
    )
    const again = (which: object, of = id) => contract.call('replayDeliveries', { key, in: of, body: which })
    expect((await again({ delivery: delivery.id })).json).toEqual({ count: 1 })
    expect((await again({ failedSince: new Date().toISOString() })).json).toEqual({ count: 0 })
    expect((await again({})).status).toBe(400)
    expect((await again({ delivery: 1 }, NOBODY)).status).toBe(404)
    expect((await change({ disabled: true })).json).toMatchObject({ disabledWhy: 'switched-off' })
    expect((await again({ delivery: delivery.id })).json.type).toMatch(/webhook-disabled$/)
    expect((await contract.call('removeWebhook', { key, in: id })).status).toBe(200)
    for (const operation of ['removeWebhook', 'findWebhook', 'testWebhook', 'rotateWebhookSecret', 'listDeliveries'])
      expect((await contract.call(operation, { key, in: id })).status, operation).toBe(404)
    await receiver.close()
  }

  async function walkKillSwitch(contract: Contract, key: string) {
    const body = { account: { email: 'd@example.com' }, client: aVisit() }
    const { session } = (await contract.call('startSession', { key, body })).json
    const state = async () => (await contract.call('findSession', { key, in: session.id })).json.state
    const wrong = await contract.call('useKillSwitch', { key, body: { reason: 'r', confirm: 'everybody' } })
    expect(wrong).toMatchObject({ status: 422, json: { type: expect.stringMatching(/not-confirmed$/) } })
    expect(wrong.json.detail).toContain('"everyone"')
    expect(await state()).toBe('live')
    for (const app of ['', null]) {
      const empty = { key, body: { app, reason: 'r', confirm: 'everyone' } }
      expect((await contract.call('useKillSwitch', empty)).status).toBe(400)
    }
    const used = await contract.call('useKillSwitch', { key, body: { reason: 'r', confirm: 'everyone' } })
    expect(used.json.ended).toBeGreaterThan(0)
    expect(await state()).toBe('ended')
  }

  async function walkTheRest(contract: Contract, key: string) {
    const events = await contract.call('listAudit', { key, query: 'action=session.revoked&limit=2' })
    expect(events.json.items.length).toBeGreaterThan(0)
    await walkTheChain(contract, key)
    expect((await contract.call('explainProblem', { in: 'bad-input' })).text).toContain('What to do')
    await contract.call('explainProblem', { in: randomUUID() })
    const { xid } = revocations
    const [entry] = await database.db.select({ xid }).from(revocations).limit(1)
    expect((await contract.call('readAcknowledgement', { key, in: `x${entry?.xid}` })).status).toBe(200)
    await contract.call('explainProblem', { in: 'bad-input', query: 'a=b' })
    expect((await contract.call('listProblems')).text).toContain('bad-input (400)')
    await contract.call('listProblems', { query: 'a=b' })
  }

  async function walkTheChain(contract: Contract, key: string) {
    const file = await contract.call('exportAudit', { key, query: 'format=csv&action=session.revoked' })
    expect(file.text).toContain('id,at,action')
    server.services.exports = createExports({ mostOfOne: 0 })
    expect((await contract.call('exportAudit', { key })).json.type).toMatch(/too-many-exports$/)
    server.services.exports = createExports()
    const chain = await contract.call('verifyAudit', { key })
    expect(chain.json).toMatchObject({ intact: true, problems: [] })
    const running = { startedAt: new Date(), beatAt: new Date(), events: 0, by: 'another node' }
    await database.db.insert(installation).values({ key: 'audit-check-running', value: JSON.stringify(running) })
    expect((await contract.call('verifyAudit', { key })).json.type).toMatch(/check-running$/)
    await database.db.delete(installation).where(eq(installation.key, 'audit-check-running'))
  }
})
