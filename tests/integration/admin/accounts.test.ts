import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { findAccount } from '../../../src/accounts/read.js'
import type { Role } from '../../../src/accounts/types.js'
import { MANY } from '../../../src/admin/typed.js'
import { listAudit } from '../../../src/audit/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { type AccountId, newId } from '../../../src/db/ids.js'
import { accounts, blocks } from '../../../src/db/schema.js'
import { showBidiControls } from '../../../src/http/bidiControls.js'
import { countSessions } from '../../../src/sessions/lists/list.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { whileRefusing } from '../../support/refusing.js'
import { PAYLOADS } from './payloads.js'
import { said, signedIn, textOf } from './signedIn.js'

eachDatabase((database) => {
  const app = useApp(database)
  const as = (account: TestAccount) => signedIn(database.db, app.url, account)
  const admin = async (role: Role) => as(await anAccount(database.db, { role }))

  describe('what is done to several accounts at once', () => {
    const path = (act: string, ids: string[]) =>
      `/admin/accounts/${act}?${new URLSearchParams(ids.map((id): [string, string] => ['account', id]))}`

    test('S-74 where the database fails half-way, it says that it may be done in part', async () => {
      const { db } = database
      const ids = [(await anAccount(db)).id, (await anAccount(db)).id] as const
      const responder = await admin('responder')
      const answer = await whileRefusing(
        db,
        blocks,
        () => responder.post('/admin/accounts/block', { account: [...ids], reason: 'policy', until: 'lifted' }),
        sql.raw(`new.account_id = '${ids[1]}'`),
      )
      expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('It may be done in part.')])
      expect(answer.body).not.toContain('Nothing was changed')
      expect((await Promise.all(ids.map((id) => findAccount(db, id)))).map((one) => one?.block?.reason)).toEqual([
        'policy',
        undefined,
      ])
    })

    test('blocking them names who, who is left out and why; each is blocked and logged, the others stay as they are', async () => {
      const { db } = database
      const owner = await anOwner(db, { name: 'Left Alone' })
      const [one, two, three] = [await anAccount(db), await anAccount(db), await anAccount(db)]
      for (const account of [one, one, two]) await aSession(db, { account })
      await blockAccount(db, three.id, { reason: 'spam' }, TERMINAL)
      const ids = [one.id, two.id, three.id, owner.id]
      const responder = await admin('responder')
      const question = textOf((await responder.get(path('block', ids))).body)
      expect(question).toContain('Block 2 accounts? Ends 3 sessions now')
      expect(question).toMatch(
        /Left out: 2 accounts.*Blocked already.*Left Alone : Only owners can do this to an owner/,
      )

      const answer = await responder.post('/admin/accounts/block', {
        account: ids,
        reason: 'compromised',
        until: '24h',
        message: 'Call the IT desk.',
        return_to: '/admin/accounts?q=ada',
      })
      expect(answer).toMatchObject({ status: 303, location: '/admin/accounts?q=ada' })
      expect(await said(responder, '/admin/accounts')).toMatch(
        /^2 accounts are blocked 3 sessions ended\. 1 other is blocked already\. Left out: .*Only owners/,
      )
      for (const { id } of [one, two]) {
        expect((await findAccount(db, id))?.block).toMatchObject({
          reason: 'compromised',
          message: 'Call the IT desk.',
        })
        expect(await countSessions(db, { account: id })).toBe(0)
        expect((await listAudit(db, { account: id, action: 'account.blocked' })).items).toHaveLength(1)
      }
      expect((await findAccount(db, three.id))?.block).toMatchObject({ reason: 'spam' })
      expect((await findAccount(db, owner.id))?.block).toBeNull()

      await responder.post('/admin/accounts/lift-block', { account: ids, reason: 'over' })
      expect(await said(responder, '/admin/accounts')).toMatch(/^3 accounts are unblocked/)
      expect((await findAccount(db, one.id))?.block).toBeNull()
    })

    test('a number that was mistyped costs nothing else that was typed', async () => {
      const { db } = database
      const owner = await as(await anOwner(db))
      const many = await Promise.all(Array.from({ length: MANY + 1 }, () => anAccount(db)))
      const form = { account: many.map(({ id }) => id), reason: 'left on Friday', count: '1' }
      await blockAccount(db, (many[0] as TestAccount).id, { reason: 'policy' }, TERMINAL)
      for (const act of ['revoke-sessions', 'lift-block']) {
        const { status, body } = await owner.post(`/admin/accounts/${act}`, form)
        expect([act, status]).toEqual([act, 422])
        expect(body).toContain('value="left on Friday"')
      }
    })

    test('S-32 nobody blocks themselves among others', async () => {
      const { db } = database
      const responder = await anAccount(db, { role: 'responder', name: 'Myself' })
      const other = await anAccount(db)
      const browser = await as(responder)
      const question = await browser.get(path('block', [responder.id, other.id]))
      expect(question.body).not.toContain(`value="${responder.id}"`)
      await browser.post('/admin/accounts/block', { account: [responder.id, other.id], reason: 'policy' })
      expect((await findAccount(db, responder.id))?.block).toBeNull()
      expect((await findAccount(db, other.id))?.block).not.toBeNull()
    })

    test('signing them out leaves one’s own session alone unless that is ticked', async () => {
      const { db } = database
      const owner = await anOwner(db)
      const browser = await as(owner)
      const { account } = await aSession(db)
      await aSession(db, { account: owner })
      const question = textOf((await browser.get(path('revoke-sessions', [owner.id, account.id]))).body)
      expect(question).toContain('Sign out 2 accounts everywhere? Ends 3 sessions now')
      await browser.post('/admin/accounts/revoke-sessions', { account: [owner.id, account.id], reason: 'breach' })
      expect(await said(browser, '/admin/accounts')).toContain('2 accounts are signed out everywhere 2 sessions ended.')
      expect(await countSessions(db, { account: account.id })).toBe(0)
      const left = await browser.post('/admin/accounts/revoke-sessions', { account: [owner.id], also_me: 'on' })
      expect(left.location).toBe('/sign-in')
      expect(await countSessions(db, { account: owner.id })).toBe(0)
    })
  })

  describe('blocking an account', () => {
    test('ends its sessions, refuses the next request of each, and says so', async () => {
      const { db } = database
      const owner = await as(await anOwner(db))
      const priya = await anAccount(db, { name: 'Priya Raman' })
      const hers = await as(priya)
      await aSession(db, { account: priya, on: 'Firefox on Linux', from: 'Osaka' })
      expect((await hers.get('/account')).status).toBe(200)

      const question = await owner.get(`/admin/accounts/${priya.id}/block`)
      expect(textOf(question.body)).toContain('Block Priya Raman? Ends 2 sessions now')
      const answer = await owner.post(`/admin/accounts/${priya.id}/block`, {
        reason: 'compromised',
        until: '24h',
        message: 'Call the IT desk.',
      })
      expect(answer).toMatchObject({ status: 303, location: `/admin/accounts/${priya.id}` })

      expect((await hers.get('/account')).location).toMatch(/^\/sign-in/)
      expect(await countSessions(db, { account: priya.id })).toBe(0)
      expect(await said(owner, `/admin/accounts/${priya.id}`)).toBe('Priya Raman is blocked 2 sessions ended.')
      const page = textOf((await owner.get(`/admin/accounts/${priya.id}`)).body)
      expect(page).toContain('Blocked until tomorrow')
      expect(page).toContain('compromised')
      const [event] = (await listAudit(db, { account: priya.id, action: 'account.blocked' })).items
      expect(event).toMatchObject({ reason: 'compromised', details: { ended: 2 } })
    })

    test('blocks the network too where that is ticked', async () => {
      const { db } = database
      const owner = await as(await anOwner(db))
      const { account } = await aSession(db, { from: 'New York' })
      const neighbour = await aSession(db, { from: 'New York' })
      const gone = await aSession(db, { from: 'New York' })
      const osaka = aClient({ from: 'Osaka' })
      await touchSessions(db, [{ id: gone.session.id, secondsAgo: 0, ip: osaka.ip, requests: 1 }], () => osaka.place)
      const question = textOf((await owner.get(`/admin/accounts/${account.id}/block`)).body)
      expect(question).toContain('Also block network 2001:db8::40/128 (2 other accounts use it)')
      await owner.post(`/admin/accounts/${account.id}/block`, {
        reason: 'compromised',
        network: '2001:db8::40/128',
        also_network: 'on',
      })
      expect(await countSessions(db, { account: neighbour.account.id })).toBe(0)
      const toast = await said(owner, '/admin/blocks')
      expect(toast).toContain('2001:db8::40/128 is blocked too. 1 session ended.')
      await owner.post(`/admin/accounts/${account.id}/lift-block`, {})
    })

    test('another network than the one that was ticked is offered, and not ticked with it', async () => {
      const { db } = database
      const owner = await as(await anOwner(db))
      const { account } = await aSession(db, { from: 'Lisbon' })
      const form = { network: '2001:db8::40/128', also_network: 'on' }
      const ticked = async (network: string) => {
        const { body } = await owner.post(`/admin/accounts/${account.id}/block`, { ...form, network })
        const [box = ''] = /<input[^>]*name="also_network"[^>]*>/.exec(body) ?? []
        return [/name="network" value="([^"]*)"/.exec(body)?.[1], box.includes('checked')]
      }
      const [offered] = await ticked('2001:db8::40/128')
      expect(await ticked('2001:db8::40/128')).toEqual([expect.any(String), false])
      expect(offered).not.toBe('2001:db8::40/128')
      expect(await ticked(String(offered))).toEqual([offered, true])
    })

    test('what is wrong is said beside its field, and what was typed is kept', async () => {
      const owner = await as(await anOwner(database.db))
      const priya = await anAccount(database.db)
      const answer = await owner.post(`/admin/accounts/${priya.id}/block`, {
        reason: 'other',
        until: 'date',
        date: '2001-01-01T00:00',
        message: 'Half a thought',
      })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain('Write the reason in a few words.')
      expect(textOf(answer.body)).toContain('This lies in the past.')
      expect(answer.body).toContain('Half a thought</textarea>')
      expect(answer.body).toContain('value="2001-01-01T00:00"')
      expect(await findAccount(database.db, priya.id)).toMatchObject({ status: 'active' })
    })

    test('an answer to htmx leads on by header, or comes back with the errors', async () => {
      const owner = await as(await anOwner(database.db))
      const priya = await anAccount(database.db)
      const htmx = { 'hx-request': 'true' }
      expect((await owner.post(`/admin/accounts/${priya.id}/block`, {}, htmx)).status).toBe(422)
      const answer = await owner.post(`/admin/accounts/${priya.id}/block`, { reason: 'policy' }, htmx)
      expect(answer.status).toBe(204)
      expect(answer.headers.get('hx-redirect')).toBe(`/admin/accounts/${priya.id}`)
    })

    test('one goes back to the page that the dialog was opened over, and nowhere else', async () => {
      const owner = await as(await anOwner(database.db))
      const priya = await anAccount(database.db)
      const path = `/admin/accounts/${priya.id}/revoke-sessions`
      const from = async (page: string) =>
        (await owner.post(path, {}, { 'hx-request': 'true', 'hx-current-url': page })).headers.get('hx-redirect')
      expect(await from(`${app.url}/admin/sessions?q=priya`)).toBe('/admin/sessions?q=priya')
      expect(await from(app.url + path)).toBe(`/admin/accounts/${priya.id}`)
      expect(await from('https://evil.example/admin/x')).toBe('/admin/x')
      expect(await from('https://evil.example/x')).toBe(`/admin/accounts/${priya.id}`)
      expect((await owner.post(path, { return_to: '//evil.example' })).location).toBe(`/admin/accounts/${priya.id}`)
    })

    test('lifting it lets the person in again and gives no session back', async () => {
      const { db } = database
      const owner = await as(await anOwner(db))
      const priya = await anAccount(db, { name: 'Priya Raman' })
      const hers = await as(priya)
      await owner.post(`/admin/accounts/${priya.id}/block`, { reason: 'compromised' })
      await owner.post(`/admin/accounts/${priya.id}/lift-block`, { reason: 'mistake' })
      expect(await said(owner, '/admin/blocks')).toContain('The block on Priya Raman is lifted')
      expect(await findAccount(db, priya.id)).toMatchObject({ status: 'active' })
      expect((await hers.get('/account')).status).toBe(303)
      expect((await (await as(priya)).get('/account')).status).toBe(200)
      expect(await said(owner, '/admin')).toBe('')
      await owner.post(`/admin/accounts/${priya.id}/lift-block`, {})
      expect(await said(owner, '/admin/blocks')).toContain('Priya Raman is not blocked')
    })
  })

  describe('who may do what', () => {
    test('S-32 nobody blocks themselves or takes their own role', async () => {
      const me = await anOwner(database.db)
      const owner = await as(me)
      expect((await owner.get(`/admin/accounts/${me.id}/block`)).status).toBe(403)
      const block = await owner.post(`/admin/accounts/${me.id}/block`, { reason: 'policy' })
      expect(block.status).toBe(422)
      expect(textOf(block.body)).toContain('Nobody can do this to their own account.')
      const role = await owner.post(`/admin/accounts/${me.id}/role`, { role: 'viewer' })
      expect(role.status).toBe(422)
      expect(await findAccount(database.db, me.id)).toMatchObject({ role: 'owner', status: 'active' })
    })

    test('S-35 a responder can’t touch an owner', async () => {
      const { db } = database
      const owner = await anOwner(db)
      const theirs = await as(owner)
      const responder = await admin('responder')
      const path = `/admin/accounts/${owner.id}`
      expect((await responder.get(`${path}/block`)).status).toBe(403)
      expect((await responder.post(`${path}/block`, { reason: 'policy' })).status).toBe(422)
      expect((await responder.post(`${path}/revoke-sessions`)).status).toBe(403)
      expect((await responder.post(`${path}/invitation`)).status).toBe(403)
      expect((await responder.post(`${path}/role`, { role: 'person' })).status).toBe(403)
      expect((await theirs.get('/admin')).status).toBe(200)
      const { body } = await responder.get(path)
      expect(body).not.toMatch(/Block account|Sign out everywhere|Change role/)
    })

    test('S-62 what was refused is in the audit log as well', async () => {
      const { db } = database
      const owner = await anOwner(db)
      await anOwner(db)
      const rose = await anAccount(db, { role: 'responder' })
      const responder = await as(rose)
      const path = `/admin/accounts/${owner.id}`
      await responder.post(`${path}/block`, { reason: 'policy' })
      await responder.post(`${path}/revoke-sessions`)
      await responder.post(`${path}/invitation`)
      await responder.post('/admin/accounts/invite', { email: `x.${newId()}@example.com`, name: 'X', role: 'owner' })
      await blockAccount(db, owner.id, { reason: 'policy' }, TERMINAL)
      await responder.post(`${path}/lift-block`)
      await aSession(db, { account: await anOwner(db), from: 'Lisbon' })
      await responder.post('/admin/blocks', {
        network: '198.51.100.0/24',
        reviewed: '198.51.100.0/24',
        reason: 'attack',
      })
      const { items } = await listAudit(db, { actor: rose.id, result: 'refused' })
      expect(items.map((event) => event.action)).toEqual([
        'network.blocked',
        'account.block-lifted',
        'account.invited',
        'account.invited',
        'account.sessions-revoked',
        'account.blocked',
      ])
    })

    test('S-35 a responder can’t lift the block of an owner', async () => {
      const { db } = database
      const owner = await anOwner(db)
      await anOwner(db)
      await blockAccount(db, owner.id, { reason: 'policy' }, TERMINAL)
      const responder = await admin('responder')
      expect((await responder.post(`/admin/accounts/${owner.id}/lift-block`)).status).toBe(403)
      expect(await findAccount(db, owner.id)).toMatchObject({ status: 'blocked' })
    })

    test('S-30 a viewer does nothing, sees no control, and each try is in the audit log', async () => {
      const { db } = database
      const viewer = await admin('viewer')
      const priya = await anAccount(db)
      const path = `/admin/accounts/${priya.id}`
      for (const act of ['block', 'lift-block', 'revoke-sessions', 'role', 'invitation']) {
        expect((await viewer.get(`${path}/${act}`)).status, act).toBe(403)
        expect((await viewer.post(`${path}/${act}`, { reason: 'policy', role: 'owner' })).status, act).toBe(403)
      }
      expect((await viewer.post('/admin/accounts/invite', { email: 'x@example.com', name: 'X' })).status).toBe(403)
      const page = await viewer.get(path)
      expect(page.status).toBe(200)
      expect(page.body).not.toMatch(new RegExp(`(action|href)="${path}/`))
      expect((await viewer.get('/admin/accounts')).body).not.toContain('/admin/accounts/invite')
      expect((await listAudit(db, { action: 'access.refused' })).items.length).toBeGreaterThanOrEqual(11)
    })

    test('a person without a role sees none of it', async () => {
      const person = await admin('person')
      expect((await person.get('/admin/accounts')).status).toBe(403)
    })
  })

  describe('signing out everywhere', () => {
    test('shows which sessions, ends them, and the person can sign in again', async () => {
      const { db } = database
      const responder = await admin('responder')
      const priya = await anAccount(db, { name: 'Priya Raman' })
      const hers = await as(priya)
      await aSession(db, { account: priya, on: 'Safari on iPhone', from: 'Lisbon' })
      const question = textOf((await responder.get(`/admin/accounts/${priya.id}/revoke-sessions`)).body)
      expect(question).toContain('Ends 2 sessions now')
      expect(question).toContain('Lisbon, PT')
      await responder.post(`/admin/accounts/${priya.id}/revoke-sessions`, { reason: 'asked for it' })
      expect(await said(responder, '/admin')).toContain('Priya Raman is signed out everywhere')
      expect((await hers.get('/account')).status).toBe(303)
      expect((await (await as(priya)).get('/account')).status).toBe(200)
    })

    test('one’s own session stays unless that is ticked', async () => {
      const me = await anOwner(database.db)
      const here = await as(me)
      const there = await as(me)
      await here.post(`/admin/accounts/${me.id}/revoke-sessions`)
      expect((await there.get('/admin')).status).toBe(303)
      expect((await here.get('/admin')).status).toBe(200)
      const answer = await here.post(`/admin/accounts/${me.id}/revoke-sessions`, { also_me: 'on' })
      expect(answer.location).toBe('/sign-in')
      expect(here.cookies.has('rollcall')).toBe(false)
    })
  })

  describe('inviting', () => {
    test('shows the link once; it is for whom it was made', async () => {
      const { db } = database
      const responder = await admin('responder')
      const email = `nia.${newId()}@example.com`
      const answer = await responder.post('/admin/accounts/invite', { email, name: 'Nia New', role: 'person' })
      expect(answer.status).toBe(200)
      const link = /http:\/\/localhost:\d+(\/invitation\?token=[\w-]{43})/.exec(answer.body)?.[1] ?? ''
      expect(textOf((await responder.get(link)).body)).toContain('Nia New')
      const [made] = await db.select().from(accounts).where(eq(accounts.email, email))
      const page = await responder.get(`/admin/accounts/${made?.id}`)
      expect(page.body).not.toContain(link)
      expect(textOf(page.body)).toContain('Invited')
      const again = await responder.post(`/admin/accounts/${made?.id}/invitation`)
      expect(again.body).toMatch(/invitation\?token=/)
      expect((await responder.get(link)).status).toBe(410)
    })

    test('S-35 only owners give roles', async () => {
      const responder = await admin('responder')
      const email = `boss.${newId()}@example.com`
      const answer = await responder.post('/admin/accounts/invite', { email, name: 'Boss', role: 'owner' })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain('Only owners give roles in the panel.')
      expect((await responder.get('/admin/accounts/invite')).body).not.toContain('name="role"')
    })

    test('an address that has an account leads to it', async () => {
      const owner = await as(await anOwner(database.db))
      const priya = await anAccount(database.db)
      const answer = await owner.post('/admin/accounts/invite', { email: priya.email.toUpperCase(), name: 'P' })
      expect(answer.status).toBe(422)
      expect(answer.body).toContain(`/admin/accounts/${priya.id}`)
    })

    test('S-54 an address that looks like an owner’s is flagged with the link', async () => {
      const real = `olga.${newId()}@example.com`
      const owner = await as(await anOwner(database.db, { email: real }))
      const answer = await owner.post('/admin/accounts/invite', { email: real.replace('olga', '0lga'), name: 'Olga' })
      expect(textOf(answer.body)).toContain('looks like that of the owner')
    })
  })

  test('of more than a hundred accounts the number is typed', async () => {
    const { db } = database
    const owner = await as(await anOwner(db))
    const ids: string[] = []
    for (let n = 0; n < 101; n++) ids.push((await anAccount(db)).id)
    const form = { account: ids, reason: 'policy' }
    const answer = await owner.post('/admin/accounts/block', form)
    expect(answer.status).toBe(422)
    expect(textOf(answer.body)).toContain('Type 101, the number of accounts.')
    expect((await findAccount(db, ids[0] as AccountId))?.block).toBeNull()
    await owner.post('/admin/accounts/block', { ...form, count: '101' })
    expect(await said(owner, '/admin/accounts')).toContain('101 accounts are blocked')
    expect(
      (await owner.post('/admin/accounts/block', { ...form, account: [...ids, ...ids.map(() => newId())] })).status,
    ).toBe(400)
  })

  test('a role is changed by an owner and takes effect at once (S-31)', async () => {
    const owner = await as(await anOwner(database.db))
    const vera = await anAccount(database.db, { name: 'Vera', role: 'viewer' })
    const hers = await as(vera)
    expect((await hers.get('/admin')).status).toBe(200)
    await owner.post(`/admin/accounts/${vera.id}/role`, { role: 'person' })
    expect(await said(owner, '/admin')).toContain('Vera is now person')
    expect((await hers.get('/admin')).status).toBe(303)
    expect((await (await as(vera)).get('/admin')).status).toBe(403)
  })
})

oneDatabase((database) => {
  const app = useApp(database)

  test('the list is searched, filtered and paged, and every row leads to its account', async () => {
    const { db } = database
    const owner = await signedIn(db, app.url, await anOwner(db))
    for (let i = 0; i < 55; i++) await anAccount(db, { name: `Person n${String(i).padStart(3, '0')}n` })
    const first = await owner.get('/admin/accounts')
    const next = /href="([^"]*after=[^"]*)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = await owner.get(next)
    const ids = (body: string) => [...body.matchAll(/<tr id="a-([\w-]+)"/g)].map(([, id]) => id)
    expect(ids(first.body)).toHaveLength(50)
    expect(new Set([...ids(first.body), ...ids(second.body)]).size).toBe(56)
    expect(ids((await owner.get('/admin/accounts?q=person+n007n')).body)).toHaveLength(1)
    expect(ids((await owner.get('/admin/accounts?role=admins')).body)).toHaveLength(1)
    expect(textOf((await owner.get('/admin/accounts?q=nobody-at-all')).body)).toContain('No account matches')
    expect(textOf((await owner.get('/admin/accounts?status=blocked')).body)).toContain('No account matches')
  })

  test.each([
    ['a made-up cursor', '?after=nonsense'],
    ['a role that there is none of', '?role=king'],
    ['an unknown filter', '?colour=red'],
    ['a filter twice', '?q=a&q=b'],
  ])('S-56 %s is a clear 400', async (_, query) => {
    const owner = await signedIn(database.db, app.url, await anOwner(database.db))
    const answer = await owner.get(`/admin/accounts${query}`)
    expect(answer.status).toBe(400)
    expect(textOf(answer.body)).toContain('Something in the request is not right')
  })

  test('S-56 a cursor of another filter is a clear 400', async () => {
    const owner = await signedIn(database.db, app.url, await anOwner(database.db))
    const { body } = await owner.get('/admin/accounts')
    const after = /after=([^"&]*)/.exec(body)?.[1]
    expect((await owner.get(`/admin/accounts?after=${after}`)).status).toBe(200)
    expect((await owner.get(`/admin/accounts?q=person&after=${after}`)).status).toBe(400)
  })

  test.each([
    ['made-up', 'nope'],
    ['unknown', newId()],
    ['suffixed', `${newId()}.css`],
  ])('a %s id is not found, on every page of an account', async (_, id) => {
    const owner = await signedIn(database.db, app.url, await anOwner(database.db))
    for (const act of ['', '/block', '/lift-block', '/revoke-sessions', '/role', '/invitation']) {
      expect((await owner.get(`/admin/accounts/${id}${act}`)).status).toBe(404)
      if (act)
        expect(
          (await owner.post(`/admin/accounts/${id}${act}`, act === '/role' ? { role: 'person' } : {})).status,
        ).toBe(404)
    }
  })

  test.each(Object.entries(PAYLOADS))(
    'S-43 %s is shown as text, wherever names, reasons and messages are',
    async (_, text) => {
      const { db } = database
      const owner = await signedIn(db, app.url, await anOwner(db))
      const victim = await anAccount(db, { name: text })
      await aSession(db, { account: victim })
      const form = { reason: 'other', other: text, message: text }
      expect((await owner.post(`/admin/accounts/${victim.id}/block`, form)).status).toBe(303)
      expect((await owner.post(`/admin/accounts/${victim.id}/notes`, { note: text })).status).toBe(303)
      const paths = [
        `/admin/accounts/${victim.id}`,
        `/admin/accounts/${victim.id}?tab=audit`,
        `/admin/accounts/${victim.id}/block`,
        `/admin/accounts/${victim.id}/lift-block`,
        '/admin/accounts?status=blocked',
        '/admin/blocks',
        `/admin/audit?account=${victim.id}`,
      ]
      for (const path of paths) {
        const { status, body } = await owner.get(path)
        expect(status, path).toBe(200)
        expect(textOf(body), path).toContain(showBidiControls(text).replaceAll(/\s+/g, ' '))
        expect(body, path).not.toMatch(
          /<img src=x|<svg><animate|<script>alert|<a hx-get="\/admin\/x"|" autofocus onfocus=/,
        )
      }
    },
  )

  test('a form with a field that it does not have does nothing (S-53)', async () => {
    const owner = await signedIn(database.db, app.url, await anOwner(database.db))
    const priya = await anAccount(database.db)
    const answer = await owner.post(`/admin/accounts/${priya.id}/block`, { reason: 'policy', __proto__x: 'y' })
    expect(answer.status).toBe(400)
    expect(await findAccount(database.db, priya.id)).toMatchObject({ status: 'active' })
  })
})
