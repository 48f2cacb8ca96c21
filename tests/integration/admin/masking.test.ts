import { beforeAll, describe, expect, test } from 'vitest'
import { updateAccount } from '../../../src/accounts/accounts.js'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { listAccounts } from '../../../src/accounts/list.js'
import { addNote } from '../../../src/accounts/notes.js'
import { inviteAccount } from '../../../src/accounts/passwords/invitations.js'
import { saveView } from '../../../src/accounts/savedViews.js'
import { changeSettings } from '../../../src/accounts/settings.js'
import { createApp } from '../../../src/app.js'
import { listAudit } from '../../../src/audit/list.js'
import { recordAudit } from '../../../src/audit/record.js'
import { type Actor, TERMINAL } from '../../../src/audit/types.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { sessionAddresses } from '../../../src/db/schema.js'
import { listGuards } from '../../../src/http/authorise.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { acting, anAccount, anOwner, aSession, type TestAccount } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
import { signedIn, textOf } from './signedIn.js'

/** Each of them stands in at least one place of the fixtures, in full. */
const SECRETS = {
  addresses: ['203.0.113.77', '198.51.100.188', '2001:db8:77:1::42', '192.0.2.241', '203.0.113.201', '198.51.100.9'],
  names: ['Priya Raman', 'Waldemar Nowak', 'Grace Adminson', 'Iris Invited'],
  emails: ['priya.raman@example.com', 'waldemar@old.example.org', 'w.nowak@example.org', 'typed.wrong@example.net'],
}

eachKindOfDatabase((database) => {
  const app = useApp(database)
  const ids: Record<string, string> = {}
  let viewer: BrowserLikeClient
  let responder: BrowserLikeClient
  let priya: TestAccount

  /** One of everything that pages show of people: signed in, moved, ended, blocked, searched for, written about. */
  beforeAll(async () => {
    const { db } = database
    const owner = await anOwner(db)
    const grace = await anAccount(db, { role: 'responder', name: 'Grace Adminson', email: 'grace@example.com' })
    const by = await acting(db, grace, { ip: '198.51.100.9' })
    priya = await anAccount(db, { name: 'Priya Raman', email: 'priya.raman@example.com' })
    const waldemar = await anAccount(db, { name: 'Waldemar Nowak', email: 'waldemar@old.example.org' })

    const userAgent = 'Probe/1.0 (+priya.raman@example.com; via 203.0.113.201)'
    const { session } = await aSession(db, { account: priya, ip: '203.0.113.77', userAgent })
    await db.insert(sessionAddresses).values({ sessionId: session.id, ip: '198.51.100.188', firstSeenAt: new Date() })
    await aSession(db, { account: priya, ip: '2001:db8:77:1::42' })
    const ended = await aSession(db, { account: waldemar, ip: '192.0.2.241' })
    await revokeSession(db, ended.session.id, by, 'Priya Raman asked, from 203.0.113.77')
    await aSession(db, { account: waldemar, ip: '192.0.2.241' })
    const job = await revokeMatching(db, { account: waldemar.id }, by, 'Waldemar Nowak left', {})
    await revokeMatching(db, { q: 'priya.raman@example.com', ip: '192.0.2.241' }, by, 'spam', {})
    await updateAccount(db, waldemar.id, { email: 'w.nowak@example.org' }, TERMINAL)
    await blockAccount(db, waldemar.id, { reason: 'Waldemar Nowak left', message: 'Ask grace@example.com' }, by)
    const inAnHour = new Date(Date.now() + 3_600_000)
    await blockNetwork(db, { network: '203.0.113.201', reason: 'near 203.0.113.77', until: inAnHour }, by)
    await addNote(db, priya.id, 'Priya Raman called from 203.0.113.77, ask Waldemar Nowak', by)
    await inviteAccount(db, { name: 'Iris Invited', email: 'iris.invited@example.com', role: 'person' }, TERMINAL)
    const view = { list: 'sessions', query: 'q=priya.raman%40example.com&ip=203.0.113.77', name: 'Hers', shared: true }
    await saveView(db, { ...view, list: 'sessions' }, by as Extract<Actor, { kind: 'account' }>)
    await db.transaction((tx) =>
      recordAudit(tx, { kind: 'stranger', name: 'typed.wrong@example.net', ip: '198.51.100.188' }, 'sign-in.refused', {
        result: 'refused',
        details: { why: 'unknown-account', anything: ['198.51.100.188', { of: 'typed.wrong@example.net' }] },
      }),
    )
    responder = await signedIn(db, app.url, grace)
    await (await responder.fetch('/admin/sessions/export?format=csv&q=priya.raman%40example.com')).text()

    const account = await anAccount(db, { role: 'viewer', name: 'Vera Viewer' })
    viewer = await signedIn(db, app.url, account)
    const own = await saveView(db, { list: 'audit', query: 'q=Priya+Raman', name: 'Mine', shared: false }, {
      ...by,
      id: account.id,
    } as Extract<Actor, { kind: 'account' }>)
    await changeSettings(db, { maskForViewers: true }, await acting(db, owner))

    const event = (await listAudit(db, { action: 'account.updated' })).items[0]
    Object.assign(ids, {
      '/admin/sessions/:id': session.id,
      '/admin/accounts/:id': priya.id,
      '/admin/audit/:id': event?.id,
      '/admin/apps/:id': BUILT_IN_APP,
      '/admin/jobs/:id': 'job' in job ? job.job : undefined,
      '/admin/views/:id': 'id' in own ? own.id : undefined,
      '/admin/views/:id/delete': 'id' in own ? own.id : undefined,
      '/admin/receipts/:position': event?.position,
      '/admin/receipts/:position/audit-entry': event?.position,
      ended: ended.session.id,
      waldemar: waldemar.id,
    })
  })

  const more = (): Record<string, string[]> => ({
    '/admin/sessions': ['?state=ended', '?state=all&ip=203.0.113.0%2F24', `?account=${priya.id}`, '?ip=203.0.113.x'],
    '/admin/sessions/export': ['?format=csv&state=all', '?format=jsonl&state=all'],
    '/admin/sessions/:id': [`!/admin/sessions/${ids['ended']}`],
    '/admin/accounts': ['?role=admins', '?status=blocked', '?status=invited'],
    '/admin/accounts/export': ['?format=csv', '?format=jsonl'],
    '/admin/accounts/:id': ['?tab=sign-ins', '?tab=audit', `!/admin/accounts/${ids['waldemar']}`],
    '/admin/audit': ['?group=failures', '?group=sign-outs', '?group=blocks', '?group=accounts'],
    '/admin/audit/export': ['?format=csv', '?format=jsonl', '?format=ocsf'],
    '/admin/blocks': ['?state=all'],
    '/admin/blocks/export': ['?format=csv&state=all', '?format=jsonl&state=all'],
    '/admin/palette': [
      '?q=priya',
      '?q=Priya+Raman',
      `?q=${ids['/admin/sessions/:id']}`,
      `?q=${ids['/admin/audit/:id']}`,
    ],
    '/admin/receipts/:position': ['?shape=toast&word=refused', '?shape=lines&word=refused'],
    '/admin/views/new': ['?list=sessions'],
    '/admin/live/rows': [`?rows=${ids['ended']},${ids['/admin/sessions/:id']}`],
    '/admin/live/seen': [`?rows=${ids['ended']},${ids['/admin/sessions/:id']}&state=all`],
  })

  /** Every address of the panel that a viewer may open, with ids of the fixtures and what else shows something. */
  function addresses(): string[] {
    const routes = listGuards(createApp(app.services).routes).filter(
      ({ method, path, who }) => method === 'GET' && who === 'viewer' && path.startsWith('/admin'),
    )
    expect(routes.length).toBeGreaterThan(20)
    return routes.flatMap(({ path }) => {
      const id = ids[path]
      if (path.includes(':') && !id) throw new Error(`this test has nothing to open ${path} with`)
      const real = path.replace(/:\w+/, id ?? '')
      return [real, ...(more()[path] ?? []).map((also) => (also.startsWith('!') ? also.slice(1) : real + also))]
    })
  }

  async function bodyOf(client: BrowserLikeClient, path: string): Promise<string> {
    const answer = await client.fetch(
      path,
      path === '/admin/stream' ? { headers: { accept: 'text/event-stream' } } : {},
    )
    if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer.text()
    const reader = answer.body?.getReader()
    const first = await reader?.read()
    await reader?.cancel()
    return new TextDecoder().decode(first?.value)
  }

  /** As it stands, decoded as an address has it, and what opaque words hold. */
  const readings = (body: string) => [
    body,
    textOf(body),
    body.replaceAll(/(%[0-9a-f]{2})+/gi, (hex) => Buffer.from(hex.replaceAll('%', ''), 'hex').toString()),
    ...(body.match(/[\w-]{24,}/g) ?? []).map((word) => Buffer.from(word, 'base64url').toString('utf8')),
  ]
  const found = (body: string) =>
    readings(body)
      .map((text) => text.toLowerCase())
      .flatMap((text) =>
        Object.values(SECRETS)
          .flat()
          .filter((secret) => text.includes(secret.toLowerCase())),
      )

  describe('with addresses and names masked for viewers', () => {
    test('no page, part, stream or file of the panel has one in full; they did before', async () => {
      const seen = new Set<string>()
      for (const path of addresses()) {
        expect([path, found(await bodyOf(viewer, path))]).toEqual([path, []])
        for (const secret of found(await bodyOf(responder, path))) seen.add(secret)
      }
      expect([...seen].sort()).toEqual(Object.values(SECRETS).flat().sort())
    })

    test('what is left of them is shown, and leads on', async () => {
      const row = textOf((await viewer.get(`/admin/sessions?account=${priya.id}`)).body)
      expect(row).toContain('P. R. p***@example.com')
      expect(row).toContain('203.0.113.x')
      expect(row).toContain('2001:db8:77::/48')
      expect(textOf((await viewer.get('/admin/sessions')).body)).not.toContain('(masked)')
      const { body } = await viewer.get(`/admin/sessions/${ids['/admin/sessions/:id']}`)
      expect(/<title>[^<]*/.exec(body)?.[0]).toContain('P. R.')
      expect(body).toContain('/admin/sessions?ip=203.0.113.x')
      const there = await viewer.get('/admin/sessions?ip=203.0.113.x&state=all')
      expect(there.status).toBe(200)
      expect(textOf(there.body)).toContain('P. R.')
    })

    test.each([
      ['sessions', 'q', 'priya.raman@example.com'],
      ['sessions', 'q', 'priya'],
      ['sessions', 'q', '203.0.113.77'],
      ['sessions', 'ip', '203.0.113.77'],
      ['sessions', 'ip', '203.0.113.64/26'],
      ['accounts', 'q', 'Priya Raman'],
      ['accounts', 'q', 'raman@'],
      ['audit', 'q', 'Priya'],
      ['audit', 'q', '198.51.100.188'],
    ])('a search of %s by %s=%s is left out and named: its answer would tell', async (list, field, typed) => {
      const query = new URLSearchParams({ [field]: typed })
      const page = await viewer.get(`/admin/${list}?${query}`)
      expect(page.status).toBe(400)
      expect(textOf(page.body)).toContain('would tell what is masked for you: search by an id, or by a network of /24')
      const other = await viewer.get(`/admin/${list}?${new URLSearchParams({ [field]: `${typed}9` })}`)
      const countOf = (body: string) => /class="toolbar-count">.*?<\/p>/s.exec(body)?.[0]
      expect(countOf(page.body)).toBe(countOf(other.body))
      expect((await viewer.get(`/admin/${list}/export?format=csv&${query}`)).status).toBe(400)
      if (list === 'sessions') expect((await viewer.get(`/admin/live/seen?${query}`)).status).toBe(400)
      expect((await responder.get(`/admin/${list}?${query}`)).status).toBe(200)
    })

    test('an open list by such a search goes on without it: a guess that is right counts as one that is not', async () => {
      const from = ids['/admin/sessions/:id']
      await aSession(database.db, { account: priya })
      const counted = async (q: string) => {
        const path = `/admin/live/seen?${new URLSearchParams({ q, from: String(from) })}`
        const { status, body } = await viewer.get(path, { 'rollcall-background': '1' })
        return [status, status === 200 && JSON.parse(body).newer]
      }
      expect(await counted('priya')).toEqual([200, { count: expect.any(Number), newest: expect.any(String) }])
      expect(await counted('priya')).toEqual(await counted('nobody'))
    })

    test('no list is in an order that tells letters of a name', async () => {
      const { db } = database
      const adam = await anAccount(db, { role: 'viewer', name: 'Adam First' })
      const zoe = await anAccount(db, { role: 'viewer', name: 'Zoe Last' })
      const paths = ['/admin/accounts', '/admin/accounts/export?format=csv', '/admin/settings/admins', '/admin/audit']
      const firstIn = async (client: BrowserLikeClient) =>
        Promise.all(
          paths.map(async (path) => {
            const body = await bodyOf(client, path)
            const [nth, other] = [zoe.id, adam.id].map((id) => body.indexOf(id))
            expect([path, nth, other]).not.toContain(-1)
            return Number(nth) < Number(other) ? 'Zoe' : 'Adam'
          }),
        )
      expect(await firstIn(responder)).toEqual(['Adam', 'Adam', 'Adam', 'Adam'])
      expect(await firstIn(viewer)).toEqual(['Zoe', 'Zoe', 'Zoe', 'Zoe'])
      await updateAccount(db, zoe.id, { name: 'Aaron Last' }, TERMINAL)
      await updateAccount(db, adam.id, { name: 'Zacharias First' }, TERMINAL)
      expect(await firstIn(viewer)).toEqual(['Zoe', 'Zoe', 'Zoe', 'Zoe'])
    })

    test('page after page, a viewer comes to every account once, forth and back', async () => {
      const { db } = database
      const filter = { order: 'newest' } as const
      const first = await listAccounts(db, filter, { limit: 3 })
      const second = await listAccounts(db, filter, { limit: 3, after: first.next ?? '' })
      const back = await listAccounts(db, filter, { limit: 3, before: second.previous ?? '' })
      const ids = [...first.items, ...second.items].map(({ id }) => id)
      expect(ids).toEqual([...new Set(ids)].sort().reverse())
      expect(back.items).toEqual(first.items)
      await expect(listAccounts(db, {}, { after: first.next ?? '' })).rejects.toThrow('does not belong to this list')
    })

    test('responders, owners and API keys see everything', async () => {
      const page = textOf((await responder.get(`/admin/sessions?account=${priya.id}`)).body)
      expect(page).toContain('Priya Raman priya.raman@example.com')
      expect(page).toContain('203.0.113.77')
    })

    test('switched off, viewers see and search everything at their next request', async () => {
      const { db } = database
      await changeSettings(db, { maskForViewers: false }, TERMINAL)
      const page = textOf((await viewer.get('/admin/sessions?q=priya.raman@example.com')).body)
      expect(page).toContain('Priya Raman priya.raman@example.com')
      await changeSettings(db, { maskForViewers: true }, TERMINAL)
      expect(textOf((await viewer.get('/admin/settings')).body)).toContain('Addresses and names for viewers Masked')
    })
  })

  test('only owners switch the masking, in the settings, and the audit log has it', async () => {
    const { db } = database
    const owner = await signedIn(db, app.url, await anOwner(db))
    expect((await owner.post('/admin/settings', { maskForViewers: 'off' })).status).toBe(303)
    const [event] = (await listAudit(db, { action: 'settings.changed' })).items
    expect(event?.details).toMatchObject({ before: { maskForViewers: true }, after: { maskForViewers: false } })
    const page = textOf((await owner.get('/admin/audit?group=settings')).body)
    expect(page).toContain('set the masking of addresses and names for viewers from on to off')
    expect((await responder.post('/admin/settings', { maskForViewers: 'on' })).status).toBe(403)
    expect((await owner.post('/admin/settings', { maskForViewers: 'yes' })).status).toBe(400)
  })
})
