import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { findApp } from '../../../src/accounts/apps/apps.js'
import { disableApp } from '../../../src/accounts/apps/changeApp.js'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { saveImport } from '../../../src/accounts/blocks/networkImports.js'
import { readNetworkList } from '../../../src/accounts/blocks/networkList.js'
import { reviewNetworks } from '../../../src/accounts/blocks/reviewNetworks.js'
import { inviteAccount } from '../../../src/accounts/passwords/invitations.js'
import { requireNewPassword } from '../../../src/accounts/passwords/requirePassword.js'
import { createApp } from '../../../src/app.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { auditEvents, revocations } from '../../../src/db/schema.js'
import { listGuards } from '../../../src/http/authorise.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner, aSession, OWNER_PASSWORD, type TestAccount } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../../support/http.js'
import { aSid } from '../../support/stored.js'
import { signedIn } from '../admin/signedIn.js'
import { aKey, aVisit, send } from '../api/client.js'

const POSITION = 'rollcall-position'
const PASSWORD = 'an old password, long enough'
const NETWORK = '192.88.99.0/24'

type Answer = { status: number; headers: Headers }

eachDatabase((database) => {
  const app = useApp(database)
  let owner: TestAccount
  let key: string

  beforeAll(async () => {
    owner = await anOwner(database.db)
    key = (await aKey(database.db)).secret
  })

  const panel = async (path: string, fields: Record<string, string | string[]> = {}) =>
    (await signedIn(database.db, app.url, owner)).post(path, fields)
  const api = (method: string, path: string, body?: unknown) => send(app.url, method, path, { key, body })
  const person = () => aSession(database.db)
  const aBlock = async () => {
    const blocked = await blockNetwork(database.db, { network: NETWORK, reason: 'test' }, SYSTEM)
    if (blocked.status !== 'blocked') throw new Error(blocked.why)
    return blocked.block.id
  }
  async function aList(network: string) {
    const listed = readNetworkList(network, { reason: 'test' }, new Date())
    if ('problem' in listed) throw new Error(listed.problem)
    const reviewed = await reviewNetworks(database.db, listed, SYSTEM)
    return saveImport(database.db, { name: 'list.csv', endSessions: true }, reviewed, SYSTEM)
  }
  async function blockedAccount() {
    const account = await anAccount(database.db)
    await blockAccount(database.db, account.id, { reason: 'test' }, SYSTEM)
    return account
  }
  async function at(act: (client: BrowserLikeClient, me: Awaited<ReturnType<typeof person>>) => Promise<Answer>) {
    const me = await aSession(database.db, { account: await anAccount(database.db, { password: PASSWORD }) })
    const client = aBrowserLikeClient(app.url)
    client.cookies.set('rollcall', me.token)
    return act(client, me)
  }

  /** Somebody whom an app has signed in under a session id of its own; `act` goes on with its key. */
  async function stored(
    act: (call: (method: string, path: string, body?: unknown) => Promise<Answer>, sid: string) => Promise<Answer>,
  ) {
    const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:write'] })
    const sid = aSid().key
    const call = (method: string, path: string, body?: unknown) => send(app.url, method, path, { key: secret, body })
    await call('PUT', `/store/${sid}`, { data: '{}', account: { email: `${sid}@example.com` } })
    return act(call, sid)
  }

  /** What protects a host that nobody has named before. */
  const aHost = async () => ({
    host: `${crypto.randomUUID()}.localhost:8080`,
    app: await anApp(database.db),
    role: 'person',
  })

  async function aDisabledApp() {
    const id = await anApp(database.db)
    await disableApp(database.db, id, 'test', SYSTEM)
    return id
  }

  async function aSavedHost(): Promise<string> {
    const { id } = (await api('POST', '/protected-hosts', await aHost())).json as { id: string }
    return id
  }

  /** Every route that may change something, each with a walk if it ends trust or gives it back. */
  const ROUTES: Record<string, 'ends nothing' | (() => Promise<Answer>)> = {
    'POST /sign-in': () =>
      at((client, { account }) => client.post('/sign-in', { email: account.email, password: PASSWORD })),
    'POST /sign-out': () => at((client) => client.post('/sign-out')),
    'POST /setup': 'ends nothing', // but for what an app's person had open: walked in trustLog.test.ts
    'POST /invitation': async () => {
      const invited = await inviteAccount(
        database.db,
        { email: `${crypto.randomUUID()}@example.com`, name: 'New', role: 'person' },
        SYSTEM,
      )
      if (invited.status !== 'invited') throw new Error(invited.status)
      return aBrowserLikeClient(app.url).post('/invitation', {
        token: invited.token,
        password: 'Vg7#new-words-nobody-guesses',
      })
    },
    'POST /new-password': async () => {
      const account = await anAccount(database.db, { password: PASSWORD })
      await requireNewPassword(database.db, account.id, 'test', SYSTEM)
      const client = aBrowserLikeClient(app.url)
      const asked = await client.post('/sign-in', { email: account.email, password: PASSWORD })
      const token = /name="token" value="([^"]+)"/.exec(asked.body)?.[1] ?? ''
      return client.post('/new-password', { token, password: 'Vg7#new-words-nobody-guesses' })
    },
    'POST /theme': 'ends nothing',
    'POST /csp-reports': 'ends nothing',
    'POST /account/sessions/revoke-others': () => at((client) => client.post('/account/sessions/revoke-others')),
    'POST /account/sessions/:id/revoke': () =>
      at(async (client, { account }) => {
        const { session } = await aSession(database.db, { account })
        return client.post(`/account/sessions/${session.id}/revoke`)
      }),
    'POST /account/security': () =>
      at((client) => client.post('/account/security', { present: PASSWORD, next: 'Vg7#new-words-nobody-guesses' })),
    'POST /admin/sessions/revoke': async () =>
      panel('/admin/sessions/revoke', { session: [(await person()).session.id, (await person()).session.id] }),
    'POST /admin/sessions/:id/revoke': async () => panel(`/admin/sessions/${(await person()).session.id}/revoke`),
    'POST /admin/sessions/revoke-matching': async () =>
      panel('/admin/sessions/revoke-matching', {
        account: (await person()).account.id,
        previewed: '1',
        reason: 'test',
      }),
    'POST /admin/kill-switch': async () => {
      const id = await anApp(database.db, { name: 'To be ended' })
      return panel('/admin/kill-switch', { app: id, reason: 'test', confirm: 'To be ended', password: OWNER_PASSWORD })
    },
    'POST /admin/jobs/:id/pause': 'ends nothing',
    'POST /admin/jobs/:id/resume': 'ends nothing',
    'POST /admin/accounts/invite': 'ends nothing',
    'POST /admin/accounts/:id/invitation': 'ends nothing',
    'POST /admin/accounts/:id/block': async () =>
      panel(`/admin/accounts/${(await person()).account.id}/block`, { reason: 'policy', until: 'lifted' }),
    'POST /admin/accounts/:id/lift-block': async () =>
      panel(`/admin/accounts/${(await blockedAccount()).id}/lift-block`),
    'POST /admin/accounts/:id/revoke-sessions': async () =>
      panel(`/admin/accounts/${(await person()).account.id}/revoke-sessions`),
    'POST /admin/accounts/:id/require-new-password': async () =>
      panel(`/admin/accounts/${(await anAccount(database.db, { password: PASSWORD })).id}/require-new-password`, {
        reason: 'test',
      }),
    'POST /admin/accounts/:id/role': async () =>
      panel(`/admin/accounts/${(await person()).account.id}/role`, { role: 'viewer' }),
    'POST /admin/accounts/block': async () =>
      panel('/admin/accounts/block', { account: [(await person()).account.id], reason: 'policy', until: 'lifted' }),
    'POST /admin/accounts/lift-block': async () =>
      panel('/admin/accounts/lift-block', { account: [(await blockedAccount()).id] }),
    'POST /admin/accounts/revoke-sessions': async () =>
      panel('/admin/accounts/revoke-sessions', { account: [(await person()).account.id] }),
    'POST /admin/audit/chain/check': 'ends nothing',
    'POST /admin/blocks/import': 'ends nothing',
    'POST /admin/blocks/import/:id/apply': async () =>
      panel(`/admin/blocks/import/${await aList('198.18.77.0/24')}/apply`),
    'POST /admin/blocks/import/:id/lift': async () => {
      const list = `/admin/blocks/import/${await aList('198.18.78.0/24')}`
      await panel(`${list}/apply`)
      return panel(`${list}/lift`)
    },
    'POST /admin/views': 'ends nothing',
    'POST /admin/views/:id': 'ends nothing',
    'POST /admin/views/:id/delete': 'ends nothing',
    'POST /look': 'ends nothing',
    'POST /admin/blocks': () =>
      panel('/admin/blocks', { network: NETWORK, reviewed: NETWORK, reason: 'policy', until: 'lifted' }),
    'POST /admin/blocks/:id/confirm': async () => {
      const client = await signedIn(database.db, app.url, owner)
      await client.post('/admin/blocks', {
        network: '127.0.0.0/8',
        reviewed: '127.0.0.0/8',
        reason: 'policy',
        until: 'lifted',
        own_address: '127.0.0.1',
      })
      const [own] = await database.db.query.blocks.findMany({
        where: (block, { and, isNull, isNotNull }) => and(isNull(block.liftedAt), isNotNull(block.confirmBy)),
      })
      const answer = await client.post(`/admin/blocks/${own?.id}/confirm`)
      await database.db.execute(sql`update blocks set lifted_at = now() where id = ${own?.id ?? null}`)
      return answer
    },
    'POST /admin/blocks/:id/lift': async () => panel(`/admin/blocks/${await aBlock()}/lift`),
    'POST /admin/settings': () => panel('/admin/settings', { idleTimeout: '20', idleTimeoutUnit: 'hours' }),
    'POST /admin/settings/keys': 'ends nothing',
    'POST /admin/settings/keys/:id/revoke': async () =>
      panel(`/admin/settings/keys/${(await aKey(database.db)).id}/revoke`),

    'POST /admin/settings/keys/:id/change': async () =>
      panel(`/admin/settings/keys/${(await aKey(database.db)).id}/change`, { name: 'Else', rate: '60' }),
    'POST /admin/settings/keys/:id/replace': async () =>
      panel(`/admin/settings/keys/${(await aKey(database.db)).id}/replace`, { old: '7d' }),
    'POST /admin/accounts/:id/notes': 'ends nothing',
    'POST /admin/accounts/:id/notes/:note/remove': 'ends nothing',
    'POST /api/v1/accounts/:id/notes': 'ends nothing',
    'DELETE /api/v1/accounts/:id/notes/:note': 'ends nothing',
    'POST /admin/apps': 'ends nothing',
    'POST /admin/apps/:id/details': async () =>
      panel(`/admin/apps/${await anApp(database.db)}/details`, { name: crypto.randomUUID(), icon: 'code' }),
    'POST /admin/apps/:id/policy': async () =>
      panel(`/admin/apps/${await anApp(database.db)}/policy`, { role: 'owner', onUnavailable: 'deny' }),
    'POST /admin/apps/:id/disable': async () =>
      panel(`/admin/apps/${await anApp(database.db)}/disable`, { previewed: '0', reason: 'test' }),
    'POST /admin/apps/:id/enable': async () => panel(`/admin/apps/${await aDisabledApp()}/enable`),
    'POST /admin/apps/:id/delete': async () => {
      const id = await aDisabledApp()
      return panel(`/admin/apps/${id}/delete`, { confirm: (await findApp(database.db, id))?.name ?? '' })
    },

    'POST /admin/settings/hosts': async () => panel('/admin/settings/hosts', await aHost()),
    'POST /admin/settings/hosts/:id': async () =>
      panel(`/admin/settings/hosts/${await aSavedHost()}`, { ...(await aHost()), role: 'viewer' }),
    'POST /admin/settings/hosts/:id/remove': async () => panel(`/admin/settings/hosts/${await aSavedHost()}/remove`),
    'POST /admin/settings/webhooks': 'ends nothing',
    'POST /admin/settings/webhooks/:id/change': 'ends nothing',
    'POST /admin/settings/webhooks/:id/test': 'ends nothing',
    'POST /admin/settings/webhooks/:id/disable': 'ends nothing',
    'POST /admin/settings/webhooks/:id/enable': 'ends nothing',
    'POST /admin/settings/webhooks/:id/secret': 'ends nothing',
    'POST /admin/settings/webhooks/:id/remove': 'ends nothing',
    'POST /admin/settings/webhooks/:id/replay': 'ends nothing',
    'POST /.rollcall/sign-out': 'ends nothing', // but through a proxy: walked in tests/integration/forward

    'POST /api/v1/protected-hosts': async () => api('POST', '/protected-hosts', await aHost()),
    'PATCH /api/v1/protected-hosts/:id': async () =>
      api('PATCH', `/protected-hosts/${await aSavedHost()}`, { role: 'viewer' }),
    'DELETE /api/v1/protected-hosts/:id': async () => api('DELETE', `/protected-hosts/${await aSavedHost()}`),
    'POST /api/v1/webhooks': 'ends nothing',
    'PATCH /api/v1/webhooks/:id': 'ends nothing',
    'DELETE /api/v1/webhooks/:id': 'ends nothing',
    'POST /api/v1/webhooks/:id/secret': 'ends nothing',
    'POST /api/v1/webhooks/:id/test': 'ends nothing',
    'POST /api/v1/webhooks/:id/replay': 'ends nothing',
    'POST /api/v1/sessions': 'ends nothing', // but the oldest beyond the limit
    'POST /api/v1/sessions/verify': 'ends nothing',
    'POST /api/v1/sessions/touch': 'ends nothing',
    'POST /api/v1/sessions/over': 'ends nothing',
    'PUT /api/v1/store/:sid': () => stored((call, sid) => call('PUT', `/store/${sid}`, { data: '{}', account: null })),
    'POST /api/v1/store/:sid/touch': 'ends nothing',
    'DELETE /api/v1/store/:sid': () => stored((call, sid) => call('DELETE', `/store/${sid}`)),
    'DELETE /api/v1/store': () => stored((call) => call('DELETE', '/store')),
    'DELETE /api/v1/sessions/:id': async () => api('DELETE', `/sessions/${(await person()).session.id}`),
    'POST /api/v1/sessions/revoke': async () =>
      api('POST', '/sessions/revoke', { filter: { account: (await person()).account.id }, reason: 'test' }),
    'POST /api/v1/accounts': 'ends nothing',
    'POST /api/v1/accounts/invite': 'ends nothing',
    'PATCH /api/v1/accounts/:id': async () =>
      api('PATCH', `/accounts/${(await person()).account.id}`, { name: 'Grace' }),
    'POST /api/v1/accounts/:id/revoke-sessions': async () =>
      api('POST', `/accounts/${(await person()).account.id}/revoke-sessions`, { reason: 'test' }),
    'POST /api/v1/accounts/:id/require-new-password': async () =>
      api('POST', `/accounts/${(await anAccount(database.db, { password: PASSWORD })).id}/require-new-password`, {
        reason: 'test',
      }),
    'PUT /api/v1/accounts/:id/block': async () =>
      api('PUT', `/accounts/${(await person()).account.id}/block`, { reason: 'test' }),
    'DELETE /api/v1/accounts/:id/block': async () => api('DELETE', `/accounts/${(await blockedAccount()).id}/block`),
    'POST /api/v1/blocks': () => api('POST', '/blocks', { network: NETWORK, reason: 'again' }),
    'DELETE /api/v1/blocks/:id': async () => api('DELETE', `/blocks/${await aBlock()}`),
    'POST /api/v1/keys': 'ends nothing',
    'PATCH /api/v1/keys/:id': async () =>
      api('PATCH', `/keys/${(await aKey(database.db)).id}`, { requestsPerMinute: 60 }),
    'DELETE /api/v1/keys/:id': async () => api('DELETE', `/keys/${(await aKey(database.db)).id}`),
    'POST /api/v1/apps': 'ends nothing',
    'PATCH /api/v1/apps/:id': async () => api('PATCH', `/apps/${await anApp(database.db)}`, { disabled: true }),
    'DELETE /api/v1/apps/:id': async () => api('DELETE', `/apps/${await aDisabledApp()}`),
    'POST /api/v1/keys/:id/replace': async () =>
      api('POST', `/keys/${(await aKey(database.db)).id}/replace`, { oldUntil: 'now' }),
    'POST /api/v1/kill-switch': () => api('POST', '/kill-switch', { reason: 'test', confirm: 'everyone' }),
  }
  const routes = () => listGuards(createApp(app.services).routes)
  const changes = ({ method }: { method: string }) => method !== 'GET' && method !== 'HEAD'

  describe('Rollcall-Position', () => {
    it('is decided for every route that may change something', () => {
      const known = routes()
        .filter(changes)
        .map(({ method, path }) => `${method} ${path}`)
      expect(Object.keys(ROUTES).toSorted()).toEqual(known.toSorted())
    })

    const walks = Object.entries(ROUTES).flatMap(([route, walk]) => (walk === 'ends nothing' ? [] : [{ route, walk }]))
    it.each(walks)('tells where the act stands in the log: $route', async ({ walk }) => {
      const { status, headers } = await walk()
      expect(status).toBeLessThan(400)
      const position = headers.get(POSITION)
      expect(position).toMatch(/^x\d+$/)
      const xid = position?.slice(1) ?? null
      expect(await database.db.$count(revocations, sql`${revocations.xid} = ${xid}::xid8`)).toBeGreaterThan(0)
    })

    it('is in no answer to what only reads, and in none that changed nothing', async () => {
      const client = await signedIn(database.db, app.url, owner)
      const reads = routes().filter((route) => !changes(route) && !/:|\*|stream/.test(route.path))
      expect(reads.length).toBeGreaterThan(20)
      for (const { path } of reads) {
        const answer = path.startsWith('/api/')
          ? await api('GET', path.slice('/api/v1'.length))
          : await client.get(path)
        expect(answer.headers.get(POSITION), path).toBeNull()
      }
      const { session } = await person()
      await api('DELETE', `/sessions/${session.id}`)
      expect((await api('DELETE', `/sessions/${session.id}`)).headers.get(POSITION)).toBeNull()
      expect((await api('POST', '/kill-switch', { reason: 'r', confirm: 'no' })).headers.get(POSITION)).toBeNull()
    })

    it('is in an answer of failure too, where the act had committed', async () => {
      const invited = await inviteAccount(
        database.db,
        { email: 'blocked.before@example.com', name: 'B', role: 'person' },
        SYSTEM,
      )
      if (invited.status !== 'invited') throw new Error(invited.status)
      await blockAccount(database.db, invited.account.id, { reason: 'test' }, SYSTEM)
      const answer = await aBrowserLikeClient(app.url).post('/invitation', {
        token: invited.token,
        password: 'Vg7#new-words-nobody-guesses',
      })
      expect(answer.status).toBe(403)
      expect(answer.headers.get(POSITION)).toMatch(/^x\d+$/)
    })

    it('S-55 comes again with the same answer to the same Idempotency-Key', async () => {
      const headers = { 'idempotency-key': 'block-with-position' }
      const body = { network: '192.88.98.0/24', reason: 'test' }
      const first = await send(app.url, 'POST', '/blocks', { key, body, headers })
      const again = await send(app.url, 'POST', '/blocks', { key, body, headers })
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect(first.headers.get(POSITION)).toMatch(/^x\d+$/)
      expect(again.headers.get(POSITION)).toBe(first.headers.get(POSITION))
    })

    it('stands in the audit log beside the act', async () => {
      const { session } = await person()
      const answer = await api('DELETE', `/sessions/${session.id}`)
      const [line] = await database.db
        .select({ xid: auditEvents.xid })
        .from(auditEvents)
        .where(sql`${auditEvents.sessionId} = ${session.id} and ${auditEvents.action} = 'session.revoked'`)
      expect(`x${line?.xid}`).toBe(answer.headers.get(POSITION))
    })

    it('starting a session that ends the oldest one tells it', async () => {
      const { db } = database
      const body = { account: { email: 'limit@example.com' }, client: aVisit() }
      await api('POST', '/sessions', body)
      await db.execute(sql`update settings set session_limit = 1`)
      const answer = await api('POST', '/sessions', body)
      await db.execute(sql`update settings set session_limit = 100`)
      expect(answer.headers.get(POSITION)).toMatch(/^x\d+$/)
    })
  })
})
