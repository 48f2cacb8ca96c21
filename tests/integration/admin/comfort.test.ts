import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { MOST_VIEWS } from '../../../src/accounts/savedViews.js'
import type { Role } from '../../../src/accounts/types.js'
import { listAudit } from '../../../src/audit/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { newId, type SessionId, type ViewId } from '../../../src/db/ids.js'
import { savedViews, sessionCounts, sessions } from '../../../src/db/schema.js'
import { recordCounts } from '../../../src/sessions/lists/counts.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { age, anAccount, anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../../support/http.js'
import { multiply } from '../../support/manySessions.js'
import { signedIn, textOf } from './signedIn.js'

oneDatabase((database) => {
  const app = useApp(database)
  const admin = async (role: Role) => signedIn(database.db, app.url, await anAccount(database.db, { role }))

  /** What the palette lists: kind, text and where it leads. */
  async function find(client: BrowserLikeClient, q: string): Promise<{ kind: string; text: string; href: string }[]> {
    const { body } = await client.get(`/admin/palette?q=${encodeURIComponent(q)}`, { 'hx-request': 'true' })
    return [...body.matchAll(/<a [^>]*href="([^"]*)"[^>]*role="option".*?<\/a>/gs)].map(([line, href = '']) => ({
      kind: textOf(/palette-kind">([^<]*)/.exec(line)?.[1] ?? ''),
      text: textOf(/<span class="clip"[^>]*>(.*?)<\/span>/s.exec(line)?.[1] ?? ''),
      href: href.replaceAll('&amp;', '&'),
    }))
  }

  describe('the command palette finds', () => {
    test('a person by a part of the name or the e-mail address, and what the role allows to do with them', async () => {
      const { account } = await aSession(database.db, {
        account: await anAccount(database.db, { name: 'Priya Raman', email: 'pr@example.com' }),
      })
      const person = { kind: 'Person', text: 'Priya Raman', href: `/admin/accounts/${account.id}` }
      const acts = [
        { kind: 'Action', text: 'Sign out Priya Raman everywhere…', href: `${person.href}/revoke-sessions` },
        { kind: 'Action', text: 'Block Priya Raman…', href: `${person.href}/block` },
      ]
      const responder = await find(await admin('responder'), 'pr@exam')
      expect(responder).toContainEqual(person)
      expect(responder.filter(({ kind }) => kind === 'Action')).toEqual(acts)
      expect((await find(await admin('responder'), 'block priya'))[1]).toEqual(acts[1])
      const viewer = await find(await admin('viewer'), 'priya ram')
      expect(viewer).toContainEqual(person)
      expect(viewer.filter(({ kind }) => kind === 'Action')).toEqual([])
    })

    test('no action on an owner for who is none', async () => {
      await aSession(database.db, { account: await anAccount(database.db, { role: 'owner', name: 'Zelda Owner' }) })
      const found = await find(await admin('responder'), 'Zelda')
      expect(found.map(({ kind }) => kind)).toEqual(['Person', 'Sessions'])
    })

    test('a network, also where host bits are set, and an address with its newest sessions', async () => {
      const client = await admin('responder')
      const network = encodeURIComponent('203.0.113.0/24')
      for (const typed of ['203.0.113.0/24', '203.0.113.7/24', 'block 203.0.113.0/24']) {
        const found = await find(client, typed)
        expect(found, typed).toContainEqual({
          kind: 'Sessions',
          text: 'Sessions from 203.0.113.0/24',
          href: `/admin/sessions?ip=${network}`,
        })
        expect(found, typed).toContainEqual({
          kind: 'Action',
          text: 'Block 203.0.113.0/24…',
          href: `/admin/blocks/new?network=${network}`,
        })
      }
      const {
        session: { id },
      } = await aSession(database.db, { ip: '203.0.113.77' })
      const found = await find(client, '203.0.113.77')
      expect(found.map(({ text }) => text)).toContain('Sessions from 203.0.113.0/24')
      expect(found.find(({ kind }) => kind === 'Session')?.href).toBe(`/admin/sessions/${id}`)
      expect((await find(await admin('viewer'), '203.0.113.0/24')).map(({ kind }) => kind)).not.toContain('Action')
    })

    test('a session by its id, and pages by any of their words', async () => {
      const client = await admin('viewer')
      const {
        session: { id },
      } = await aSession(database.db, {})
      expect((await find(client, id.toUpperCase()))[0]).toMatchObject({
        kind: 'Session',
        href: `/admin/sessions/${id}`,
      })
      expect(await find(client, 'timeouts')).toEqual([{ kind: 'Page', text: 'Settings', href: '/admin/settings' }])
      expect((await find(client, '')).length).toBeGreaterThan(10)
      expect(await find(client, 'no such thing')).toEqual([])
    })
  })

  describe('the command palette', () => {
    test.each([
      ['kill', 'Sign out everyone…', '/admin/kill-switch'],
      ['sign out everyone', 'Sign out everyone…', '/admin/kill-switch'],
      ['import', 'Block a list of networks…', '/admin/blocks/import'],
      ['retention', 'Settings: retention', '/admin/settings#sessionDays'],
      ['mask', 'Settings: masking for viewers', '/admin/settings#maskForViewers'],
      ['export audit', 'Export the audit log…', '/admin/audit#export-menu'],
      ['verify', 'Chain of the audit log', '/admin/audit/chain'],
      ['bulk', 'Mass sign-outs', '/admin/jobs'],
      ['theme', 'Switch between light and dark', '#theme'],
      ['dark', 'Switch between light and dark', '#theme'],
      ['shortcuts', 'Keys', '#keys'],
    ])('knows what "%s" means', async (typed, text, href) => {
      expect(await find(await admin('owner'), typed)).toContainEqual(expect.objectContaining({ text, href }))
    })

    test('finds an app by its name, and what the role allows to do with it', async () => {
      const app = await anApp(database.db, { name: 'Billing Portal' })
      const found = { kind: 'App', text: 'Billing Portal', href: `/admin/apps/${app}` }
      const sessions = { kind: 'Sessions', text: 'Sessions in Billing Portal', href: `/admin/sessions?app=${app}` }
      const end = {
        kind: 'Action',
        text: 'Sign out everyone in Billing Portal…',
        href: `/admin/kill-switch?app=${app}`,
      }
      expect(await find(await admin('viewer'), 'portal')).toEqual([found, sessions])
      expect(await find(await admin('owner'), 'billing app')).toEqual([found, sessions, end])
      expect((await find(await admin('owner'), 'sign out billing'))[0]).toEqual(end)
    })

    test.each(['viewer', 'responder', 'owner'] as const)('offers a %s nothing that they may not open', async (role) => {
      const client = await admin(role)
      const places = await find(client, '')
      expect(places.length).toBeGreaterThan(20)
      const inPage = places.filter(({ href }) => href.startsWith('#'))
      expect(inPage.map(({ href }) => href)).toEqual(['#theme', '#keys'])
      for (const { href } of places.filter((one) => !inPage.includes(one)))
        expect((await client.get(href)).status, href).toBe(200)
    })
  })

  test('S-43 what is found is text, and without script the same is a page of links', async () => {
    const name = '"><img src=x onerror=alert(1)>'
    const account = await anAccount(database.db, { name })
    const client = await admin('responder')
    const { body } = await client.get(`/admin/palette?q=${encodeURIComponent(name)}`)
    expect(body).not.toContain('<img src=x')
    expect(textOf(body)).toContain(name)
    expect(body).toContain(`href="/admin/accounts/${account.id}"`)
    expect(body).toContain(`href="/admin/accounts/${account.id}/block"`)
  })

  test('S-35 a row’s menu offers what its viewer may do to that person, and the page holds nothing more', async () => {
    const ned = await anAccount(database.db, { name: 'Ned Normal' })
    const blocked = await anAccount(database.db, { name: 'Ned Blocked' })
    const owner = await anAccount(database.db, { role: 'owner', name: 'Ned Owner' })
    const { session: live } = await aSession(database.db, { account: ned, ip: '203.0.113.78' })
    const { session: ended } = await aSession(database.db, { account: ned, ip: '203.0.113.78' })
    await revokeSession(database.db, ended.id, TERMINAL, 'stolen')
    const { session: high } = await aSession(database.db, { account: owner, ip: '203.0.113.78' })
    const { session: over } = await aSession(database.db, { account: blocked, ip: '203.0.113.78' })
    await blockAccount(database.db, blocked.id, { reason: 'policy' }, TERMINAL)

    async function offered(role: Role) {
      const { body } = await (await admin(role)).get('/admin/sessions?state=all&q=Ned')
      const ofRow = (id: SessionId) =>
        new RegExp(`<tr id="s-${id}".*?data-offers="([^"]*)"`, 's').exec(body)?.[1]?.replace('address', '').trim()
      const items = textOf(/<template id="row-menu">(.*?)<\/template>/s.exec(body)?.[1] ?? '')
      return { items, rows: [live.id, ended.id, high.id, over.id].map(ofRow) }
    }
    const all = 'Open session Open account Copy session id Copy address'
    expect(await offered('owner')).toEqual({
      items: `${all} Sign out Block account…`,
      rows: ['revoke block', 'block', 'revoke block', ''],
    })
    expect(await offered('responder')).toMatchObject({ rows: ['revoke block', 'block', '', ''] })
    expect(await offered('viewer')).toEqual({ items: all, rows: ['', '', '', ''] })
  })

  test.each([
    ['/admin/kill-switch', 'Only owners have it'],
    ['/admin/blocks/new', 'the block undoes itself after 5 minutes'],
    ['/admin/blocks/import', 'what each line would do'],
    ['/admin/accounts/invite', 'works once, and for 7 days'],
  ])('%s has its help beside it', async (path, says) => {
    const { body } = await (await admin('owner')).get(path)
    const help = textOf(/<div class="menu-panel help-panel">(.*?)<\/div>/s.exec(body)?.[1] ?? '')
    expect(help).toContain(says)
  })

  describe('how a list looks', () => {
    test('is kept by the browser and drawn so by the server: density, columns, single keys', async () => {
      const client = await admin('viewer')
      await aSession(database.db, {})
      const before = (await client.get('/admin/sessions')).body
      expect(before).toMatch(/<th scope="col"[^>]*>Device<\/th>.*data-row/s)
      const answer = await client.post('/look', {
        density: 'compact',
        columns: 'chosen',
        column: ['where', 'seen'],
        single_keys: 'off',
        return_to: '/admin/sessions?state=all',
      })
      expect(answer).toMatchObject({ status: 303, location: '/admin/sessions?state=all' })
      for (const path of ['/admin/sessions', '/admin/sessions?state=ended', '/admin/sessions?state=all']) {
        const { body } = await client.get(path)
        expect(body, path).not.toMatch(/<th scope="col"[^>]*>Device|class="s-device"|class="s-app-cell"/)
      }
      const after = (await client.get('/admin/sessions')).body
      expect(after).toContain('data-density="compact"')
      expect(after).toContain('<th scope="col">Where</th>')
      expect(after).toContain('data-single-keys="off"')
      expect((await client.get('/admin/accounts')).body).toContain('data-density="compact"')
    })

    test('what is no column is refused, and a made-up cookie changes nothing', async () => {
      const client = await admin('viewer')
      expect((await client.post('/look', { columns: 'chosen', column: 'person' })).status).toBe(400)
      client.cookies.set('hidden-columns', 'person.<b>.where')
      client.cookies.set('zone', 'Nowhere/<b>')
      const { body } = await client.get('/admin/sessions')
      expect(body).toContain('<th scope="col">Person</th>')
      expect(body).not.toContain('<th scope="col">Where</th>')
    })
  })

  describe('a saved view', () => {
    const save = (client: BrowserLikeClient, fields: Record<string, string>) =>
      client.post('/admin/views', { list: 'sessions', query: 'country=DE&after=xyz', name: 'Germany', ...fields })
    const viewsOf = async (client: BrowserLikeClient, list = 'sessions') =>
      [...(await client.get(`/admin/${list}`)).body.matchAll(/<div class="view-line">(.*?)<\/div>/gs)].map(
        ([line]) => ({
          text: textOf(line),
          href: /href="([^"]*)"/.exec(line)?.[1],
          edit: /href="(\/admin\/views\/[^"]*)"/.exec(line)?.[1],
        }),
      )

    test('is one’s own until it is shared, keeps the filter and no place in the list, and can be renamed and deleted', async () => {
      const mine = await admin('responder')
      const colleague = await admin('responder')
      expect(await save(mine, {})).toMatchObject({ status: 303, location: '/admin/sessions?country=DE' })
      const [view] = await viewsOf(mine)
      expect(view).toMatchObject({ text: 'Germany Change the view Germany', href: '/admin/sessions?country=DE' })
      expect(await viewsOf(mine, 'accounts')).toEqual([])
      expect(await viewsOf(colleague)).toEqual([])
      expect((await colleague.get(view?.edit ?? '')).status).toBe(404)
      const owner = await admin('owner')
      for (const ask of [owner.get, owner.post])
        expect((await ask(`${view?.edit}/delete`)).status, 'whoever it is').toBe(404)

      await mine.post(view?.edit ?? '', { name: 'All of Germany', shared: 'on' })
      const [shared] = await viewsOf(colleague)
      expect(shared?.text).toMatch(/^All of Germany /)
      expect(shared?.edit).toBeUndefined()
      expect((await colleague.post(view?.edit ?? '', { name: 'Mine' })).status).toBe(404)
      expect((await colleague.post(`${view?.edit}/delete`)).status).toBe(403)
      expect((await listAudit(database.db, { action: 'view.shared' })).items[0]?.target?.name).toBe('All of Germany')

      const [toDelete] = await viewsOf(owner)
      expect((await owner.post(toDelete?.edit ?? '')).status).toBe(303)
      expect(await viewsOf(mine)).toEqual([])
      const gone = (await listAudit(database.db, { action: 'view.withdrawn' })).items
      expect(gone.map(({ result }) => result)).toEqual(['done', 'refused'])
    })

    test('is not shared by a viewer, has one name a list, and there are not endlessly many', async () => {
      const account = await anAccount(database.db, { role: 'viewer' })
      const viewer = await signedIn(database.db, app.url, account)
      expect((await viewer.get('/admin/views/new?list=audit')).body).not.toContain('name="shared"')
      expect(textOf((await save(viewer, { shared: 'on', name: 'x' })).body)).toContain('Save this view?')
      expect(await viewsOf(viewer)).toEqual([])
      await save(viewer, {})
      const [own] = await viewsOf(viewer)
      expect((await viewer.post(own?.edit ?? '', { name: 'Germany', shared: 'on' })).status).toBe(422)
      expect(await viewsOf(await admin('responder'))).toEqual([])
      const again = await save(viewer, { name: 'GERMANY' })
      expect(again.status).toBe(422)
      expect(textOf(again.body)).toContain('You have a view of this list with this name already.')
      expect((await save(viewer, { name: ' ' })).status).toBe(422)
      expect((await save(viewer, { name: 'x'.repeat(61) })).status).toBe(422)
      expect((await save(viewer, { name: 'y', query: `q=${'x'.repeat(2000)}` })).status).toBe(400)
      const answers = await Promise.all([1, 2, 3].map(() => save(viewer, { list: 'accounts', name: 'At once' })))
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 422, 422])
      await database.db.insert(savedViews).values(
        Array.from({ length: MOST_VIEWS - 2 }, (_, i) => ({
          id: newId<ViewId>(),
          ownerId: account.id,
          list: 'audit' as const,
          name: `View ${i}`,
          query: '',
        })),
      )
      expect(textOf((await save(viewer, { name: 'One more' })).body)).toContain('as many views as there may be')
    })

    test('S-43 its name and its filter are text in every list and dialog', async () => {
      const client = await admin('responder')
      const name = '"><img src=x onerror=alert(1)>'
      await save(client, { name, query: 'q=%22%3E%3Cimg src=x%3E', shared: 'on' })
      const { items } = await listAudit(database.db, { action: 'view.shared' })
      expect(items[0], 'S-62 as it stands in everybody’s list from now on').toMatchObject({
        target: { kind: 'view', name },
      })
      const [view] = await viewsOf(client)
      for (const path of ['/admin/sessions', view?.edit ?? '', `${view?.edit}/delete`, '/admin/audit']) {
        const { body, status } = await client.get(path)
        expect([status, body.includes('<img src=x')], path).toEqual([200, false])
      }
    })
  })

  describe('nonsense in a list’s address', () => {
    test.each([
      ['sessions', 'country=&state=foo&since=xx&browser=Firefox', ['state=foo', 'since=xx']],
      ['sessions', 'country=Germany&ip=203.0.113.7/24&colour=red', ['country=Germany', 'ip=203', 'colour=red']],
      ['accounts', 'role=king&status=active', ['role=king']],
      ['audit', 'since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z', ['until=2026-01-01']],
    ])('S-56 of %s?%s is named beside the filters, and the rest still applies', async (list, query, named) => {
      const { db } = database
      await aSession(db, { account: await anAccount(db, { name: 'Fia Fox' }), on: 'Firefox on Linux' })
      await aSession(db, { account: await anAccount(db, { name: 'Crom Ium' }), on: 'Chrome on Windows' })
      const client = await admin('viewer')
      const { status, body } = await client.get(`/admin/${list}?${query}`)
      const notes = textOf(/<div class="nonsense".*?<\/div>/s.exec(body)?.[0] ?? '')
      expect(status).toBe(400)
      for (const part of named) expect(notes).toContain(part)
      const chips = [...body.matchAll(/<a class="chip" data-wrong.*?<\/a>/gs)].map(([chip]) => chip)
      expect(chips).toHaveLength(named.length)
      for (const part of named) {
        const [field = '', value = ''] = part.split('=')
        const chip = chips.find((one) => textOf(one).includes(`${field}: ${value}`)) ?? ''
        const id = /aria-describedby="([^"]*)"/.exec(chip)?.[1]
        const note = textOf(new RegExp(`<li id="${id}">.*?</li>`, 's').exec(body)?.[0] ?? '')
        expect(note).toContain(`${field}=${value}`)
        expect(/href="([^"]*)"/.exec(chip)?.[1]).not.toContain(`${field}=`)
      }
      expect(notes).not.toMatch(/browser|status=/)
      if (query.includes('browser=Firefox')) {
        expect(body).toContain('Fia Fox')
        expect(body).not.toContain('Crom Ium')
      }
      // What brings the page anew brings the notes with it, and is no bad request of the person.
      const refresh = /id="live"[^>]*hx-get="([^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&')
      const anew = await client.get(refresh ?? '', { 'rollcall-background': '1', 'hx-request': 'true' })
      expect([anew.status, anew.body.includes('class="nonsense"')]).toEqual([200, true])
    })

    test.each([
      ['sessions', 'since=garbage&country=DE'],
      ['accounts', 'role=king'],
      ['audit', 'result=perhaps'],
      ['blocks', 'state=broken'],
    ])('a search that brings %s?%s within a page has worked, and says so by the notes alone', async (list, query) => {
      const client = await admin('viewer')
      const { status, body } = await client.get(`/admin/${list}?${query}`, { 'hx-request': 'true' })
      expect([status, body.includes('class="nonsense"')]).toEqual([200, true])
    })

    test('nothing but spaces is no search', async () => {
      const client = await admin('viewer')
      for (const list of ['sessions', 'accounts', 'audit', 'blocks']) {
        const { status, body } = await client.get(`/admin/${list}?q=%20%20`)
        expect([list, status, body.includes('class="nonsense"')]).toEqual([list, 200, false])
      }
    })

    test('an open list goes on by the rest of its filter, as its page does', async () => {
      const { db } = database
      const client = await admin('viewer')
      const { session: first } = await aSession(db)
      const { session: mobile } = await aSession(db, { on: 'Safari on iPhone' })
      await aSession(db, { on: 'Firefox on Linux' })
      const query = 'utm_source=mail&since=garbage&since=twice&device=mobile'
      const asked = { 'rollcall-background': '1' }
      const seen = await client.get(`/admin/live/seen?${query}&rows=${mobile.id}&from=${first.id}`, asked)
      expect(seen.status).toBe(200)
      expect(JSON.parse(seen.body)).toMatchObject({ ended: [], newer: { count: 1 } })
      const rows = await client.get(`/admin/live/rows?${query}&from=${first.id}&known=${first.id}`, asked)
      expect([...rows.body.matchAll(/<tr id="s-([^"]*)"/g)].map(([, id]) => id)).toEqual([mobile.id])
      // Who asks by hand is told.
      expect((await client.get(`/admin/live/seen?${query}`)).status).toBe(400)
    })

    test('a place of another list leads to the beginning of this one', async () => {
      const client = await admin('viewer')
      await aSession(database.db, { account: await anAccount(database.db, { name: 'First Page' }) })
      const { body } = await client.get('/admin/sessions?after=made-up')
      expect(textOf(body)).toContain('after belongs to no page of this list')
      expect(body).toContain('First Page')
    })
  })

  test('a page of which the cursor’s row has gone goes on from there', async () => {
    const { db } = database
    const account = await anAccount(db, { name: 'Walker' })
    const { session } = await aSession(db, { account })
    await multiply(db, session, 51)
    const made = await db.select({ id: sessions.id }).from(sessions).where(eq(sessions.accountId, account.id))
    const [oldest, second, last] = made.map(({ id }) => id).sort()
    const client = await admin('viewer')
    const path = `/admin/sessions?account=${account.id}`
    const older = /href="([^"]*)" rel="next"|rel="next"[^>]*href="([^"]*)"/.exec((await client.get(path)).body)
    await revokeSession(db, last as SessionId, TERMINAL, null)
    const { status, body } = await client.get((older?.[1] ?? older?.[2] ?? '').replaceAll('&amp;', '&'))
    expect(status).toBe(200)
    expect([...body.matchAll(/<tr id="s-([^"]*)"/g)].map(([, id]) => id)).toEqual([second, oldest])
  })

  test('a filter that nothing matches offers to drop one of its parts each', async () => {
    const client = await admin('viewer')
    const { body } = await client.get('/admin/sessions?q=nobody-at-all&country=DE&device=mobile')
    const ways = [...body.matchAll(/<a class="btn"[^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gs)].map(
      ([, href = '', text = '']) => [textOf(text), href.replaceAll('&amp;', '&')],
    )
    expect(ways).toContainEqual(['Without “nobody-at-all”', '/admin/sessions?country=DE&device=mobile'])
    expect(ways).toContainEqual(['Without Country: Germany', '/admin/sessions?q=nobody-at-all&device=mobile'])
    expect(ways).toContainEqual(['Without Device: Phone', '/admin/sessions?q=nobody-at-all&country=DE'])
  })

  test('a version goes with its browser', async () => {
    const client = await admin('viewer')
    await aSession(database.db, { on: 'Chrome on Windows' })
    const leads = async (path: string) =>
      [...(await client.get(path)).body.matchAll(/href="([^"]*)"/g)].map(([, href = '']) =>
        href.replaceAll('&amp;', '&'),
      )
    const { browser, browserVersion } = (await listSessions(database.db, {}, {})).items[0]?.device ?? {}
    const list = await leads(`/admin/sessions?browser=${browser}&version=${browserVersion?.split('.')[0]}&os=Windows`)
    expect(list).toContain('/admin/sessions?os=Windows')
    expect(list).toContain('/admin/sessions?browser=Chrome&os=Windows')
    const none = await leads('/admin/sessions?q=nobody-at-all&browser=Chrome&version=1')
    expect(none).toContain('/admin/sessions?q=nobody-at-all')
    expect([...list, ...none].filter((href) => href.includes('version=') && !href.includes('browser='))).toEqual([])
  })

  test('an export has what the list has, also by how long nobody was seen', async () => {
    const client = await admin('viewer')
    const { body } = await client.get('/admin/sessions?unseenDays=7&country=DE')
    expect(body).toContain('href="/admin/sessions/export?format=csv&amp;country=DE&amp;unseenDays=7"')
  })

  test('times are in the zone that the browser told, which is named; without one they are UTC', async () => {
    const client = await admin('viewer')
    await aSession(database.db, {})
    expect((await client.get('/admin/sessions')).body).toMatch(/title="\d+ \w+ \d+, [\d:]+ UTC"/)
    client.cookies.set('zone', 'Asia/Kolkata')
    const { body } = await client.get('/admin/sessions')
    expect(body).toMatch(/title="\d+ \w+ \d+, [\d:]+ UTC\+5:30"/)
    expect(textOf(body)).toContain('Times: Asia/Kolkata (UTC+5:30)')
  })

  test('what nobody has counted yet is not told as none', async () => {
    await database.db.delete(sessionCounts)
    const client = await admin('viewer')
    await aSession(database.db, {})
    const [before, after] = ['Sign-ins, 24 h 0 Counted within a minute', /Sign-ins, 24 h \d+ (?!Counted within)/]
    expect(textOf((await client.get('/admin')).body)).toContain(before)
    await recordCounts(database.db)
    expect(textOf((await client.get('/admin')).body)).toMatch(after)
  })

  test('S-07 how long the own session lasts is told without being a use; staying is one', async () => {
    const { db } = database
    const account = await anAccount(db, { role: 'viewer' })
    const { session, token } = await aSession(db, { account })
    const client = aBrowserLikeClient(app.url)
    client.cookies.set('rollcall', token)
    await age(db, session, { idleFor: '14 minutes' })
    const ask = async (headers = {}) => JSON.parse((await client.get('/account/time-left', headers)).body)
    for (let i = 0; i < 2; i++) {
      const told = await ask({ 'rollcall-background': '1' })
      expect(told).toMatchObject({ why: 'idle', policyMs: 900_000 })
      expect(told.endsInMs).toBeGreaterThan(0)
      expect(told.endsInMs).toBeLessThanOrEqual(60_000)
      await app.services.touches.flush()
    }
    expect((await ask()).endsInMs).toBeGreaterThan(800_000)
    await app.services.touches.flush()
    expect((await ask({ 'rollcall-background': '1' })).endsInMs).toBeGreaterThan(800_000)
    await age(db, session, { signedInFor: '7 hours 59 minutes' })
    expect(await ask()).toMatchObject({ why: 'limit' })
  })
})
