import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { countBlocks, listBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { applyImport, findImport } from '../../../src/accounts/blocks/networkImports.js'
import { listAudit } from '../../../src/audit/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { type ImportId, newId } from '../../../src/db/ids.js'
import { networkImportLines } from '../../../src/db/schema/imports.js'
import { auditEvents, revocations } from '../../../src/db/schema.js'
import { countSessions } from '../../../src/sessions/lists/list.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
import { said, signedIn, textOf } from './signedIn.js'

eachDatabase((database) => {
  const app = useApp(database)
  const anOwnersBrowser = async () => signedIn(database.db, app.url, await anOwner(database.db))

  test('a network is reviewed with what it hits, then blocked, then lifted', async () => {
    const { db } = database
    const owner = await anOwnersBrowser()
    const { account } = await aSession(db, { from: 'Osaka' })
    await aSession(db, { account, from: 'Osaka', on: 'Safari on iPhone' })
    const form = { network: '203.0.113.0/24', reason: 'attack', until: '7d' }

    const review = await owner.post('/admin/blocks', form)
    expect(review.status).toBe(200)
    expect(textOf(review.body)).toContain('Hits 2 live sessions of 1 account')
    expect(await countBlocks(db)).toBe(0)

    const done = await owner.post('/admin/blocks', { ...form, reviewed: '203.0.113.0/24', end_sessions: 'on' })
    expect(done).toMatchObject({ status: 303, location: '/admin/blocks' })
    expect(await said(owner, '/admin/blocks')).toBe('203.0.113.0/24 is blocked 2 sessions ended.')
    expect(await countSessions(db, { account: account.id })).toBe(0)

    const list = async (search: string) => (await owner.get(`/admin/sessions?${search}`)).body
    for (const within of ['q=203.0.113.0/24', 'ip=203.0.113.7', 'q=203.0.113.7&country=JP']) {
      const listed = await list(within)
      expect(listed).toContain('href="/admin/blocks?q=203.0.113.0%2F24"')
      expect(textOf(listed)).toContain('203.0.113.0/24 is blocked')
      expect(textOf(listed)).not.toMatch(/Block 203\.0\.113\.[07]\S*…/)
    }
    expect(textOf(await list('q=203.0.113.200'))).toContain('203.0.113.0/24 is blocked: nobody gets in from there.')
    expect(textOf(await list('q=203.0.112.0/23')), 'half of it is not blocked').toContain('Block 203.0.112.0/23…')

    const [block] = (await listBlocks(db)).items
    expect(textOf((await owner.get(`/admin/blocks/${block?.id}/lift`)).body)).toContain(
      'Lift the block on 203.0.113.0/24?',
    )
    await owner.post(`/admin/blocks/${block?.id}/lift`, { reason: 'over' })
    expect(await said(owner, '/admin/blocks')).toContain('The block on 203.0.113.0/24 is lifted')
    expect(textOf(await list('q=203.0.113.0/24'))).toContain('Block 203.0.113.0/24…')
    expect(textOf(await list('q=203.0.113.200'))).toContain('Nobody is signed in from 203.0.113.200/32.')
    expect(textOf(await list('q=203.0.113.200&country=JP'))).toContain('Nobody with “203.0.113.200”')
    expect(textOf((await owner.get('/admin/blocks?state=lifted')).body)).toContain('Olga Owner: over')
    await owner.post(`/admin/blocks/${block?.id}/lift`)
    expect(await said(owner, '/admin/blocks')).toContain('was lifted already')
    expect(await countSessions(db, { account: account.id })).toBe(0)
  })

  test('what was reviewed is what is done: another network is reviewed anew', async () => {
    const owner = await anOwnersBrowser()
    const before = await countBlocks(database.db)
    const answer = await owner.post('/admin/blocks', {
      network: '198.51.100.0/24',
      reviewed: '198.51.100.7/32',
      reason: 'attack',
    })
    expect(answer.status).toBe(200)
    expect(await countBlocks(database.db)).toBe(before)
  })

  describe('a list of networks', () => {
    const upload = async (
      browser: BrowserLikeClient,
      text: string | Uint8Array<ArrayBuffer>,
      more: Record<string, string> = {},
    ) => {
      const form = new FormData()
      form.set('file', new Blob([text]), 'feed.csv')
      for (const [name, value] of Object.entries({ reason: 'attack', end_sessions: 'on', ...more }))
        form.set(name, value)
      return browser.fetch('/admin/blocks/import', { method: 'POST', body: form, headers: { origin: app.url } })
    }
    const review = async (browser: BrowserLikeClient, text: string) => {
      const answer = await upload(browser, text)
      expect(answer.status).toBe(303)
      return answer.headers.get('location') ?? ''
    }
    const row = (page: string, line: number) =>
      textOf(new RegExp(`<tr id="l-${line}">.*?</tr>`, 's').exec(page)?.[0] ?? '')

    test('is reviewed line by line, and done as it was reviewed, once', async () => {
      const { db } = database
      const owner = await anOwnersBrowser()
      const colleague = await anOwner(db)
      await aSession(db, { account: colleague, ip: '198.18.9.9' })
      const victims = [await aSession(db, { ip: '198.18.1.1' }), await aSession(db, { ip: '198.18.1.2' })]
      await blockNetwork(db, { network: '198.18.2.0/24', reason: 'known' }, TERMINAL)
      await blockNetwork(db, { network: '198.18.48.0/20', reason: 'wide' }, TERMINAL)
      const path = await review(
        owner,
        [
          'network,reason,until',
          '198.18.1.0/24,"spam, a lot",2099-01-01',
          '198.18.1.0/24,spam',
          '# a comment',
          '198.18.2.0/24',
          '198.18.50.0/24',
          '198.18.9.0/24',
          '127.0.0.0/8',
          'the office',
          '198.18.1.0/25,<b>bold</b>',
          '2001:db8:aaaa::/48',
        ].join('\r\n'),
      )
      expect(path).toMatch(/^\/admin\/blocks\/import\/[0-9a-f-]{36}$/)
      const before = (await owner.get(path)).body
      expect(row(before, 2)).toContain('more than ten years ahead')
      expect(row(before, 3)).toMatch(/198\.18\.1\.0\/24 To be blocked spam Until lifted 2$/)
      expect(row(before, 5)).toContain('Blocked already Blocked already until it is lifted: known')
      expect(row(before, 6)).toContain('Overlap a block It lies in 198.18.48.0/20')
      expect(row(before, 7)).toContain('An owner is signed in from there')
      expect(row(before, 8)).toContain('Your own address, 127.0.0.1, is in it')
      expect(row(before, 9)).toContain('not an address or a network')
      expect(row(before, 10)).toContain('<b>bold</b>')
      expect(before).not.toContain('<b>bold')
      expect(textOf(before)).toContain('To be blocked 3 Overlap a block 1')
      expect(textOf(before)).toContain('Block 4 networks? Line by line they hit 4 live sessions')
      expect(textOf((await owner.get(`${path}?show=malformed`)).body)).toContain('2 lines')

      const done = await owner.post(`${path}/apply`)
      expect(done).toMatchObject({ status: 303, location: path })
      expect(await said(owner, path)).toMatch(/^4 networks are blocked 2 sessions ended\./)
      for (const { account } of victims) expect(await countSessions(db, { account: account.id })).toBe(0)
      expect(await countSessions(db, { account: colleague.id })).toBe(1)
      const after = (await owner.get(path)).body
      expect(row(after, 3)).toContain('Blocked spam Until lifted 2 ended')
      expect(textOf(after)).toContain('All lines 9 Blocked 3 Overlap a block 1')
      const { items } = await listBlocks(db, { kind: 'network' })
      expect(items.map(({ network }) => network)).toEqual(
        expect.arrayContaining(['198.18.1.0/24', '198.18.50.0/24', '198.18.1.0/25', '2001:db8:aaaa::/48']),
      )
      expect(items.map(({ network }) => network)).not.toEqual(expect.arrayContaining(['127.0.0.0/8']))
      const events = await listAudit(db, { action: 'network.blocked' })
      expect(events.items[0]).toMatchObject({ details: { import: path.slice(-36) } })

      const report = await owner.get(`${path}/report.csv`)
      expect(report.headers.get('content-type')).toContain('text/csv')
      const lines = report.body.split('\r\n')
      expect(lines[0]).toBe('line,written,network,reason,until,finding,detail,sessions,outcome,ended')
      expect(lines[2]).toBe('3,"198.18.1.0/24,spam",198.18.1.0/24,spam,,block,,2,blocked,2')

      await owner.post(`${path}/apply`)
      expect((await listBlocks(db, { kind: 'network' })).items).toEqual(items)
      const again = await review(owner, '198.18.1.0/24')
      expect(textOf((await owner.get(again)).body)).toContain('Nothing in this list is to be blocked')
    })

    test('a crash between two batches leaves what is done and what is not told apart; going on does the rest once', async () => {
      const { db } = database
      const owner = await anOwnersBrowser()
      const list = Array.from({ length: 6 }, (_, n) => `198.19.0.${n}`).join('\n')
      const path = await review(owner, list)
      const found = await findImport(db, path.slice(-36) as ImportId)
      if (!found) throw new Error('the review was not kept')
      let transactions = 0
      const dying: typeof db = Object.create(db)
      dying.transaction = (act, config) => {
        transactions += 1
        if (transactions > 1) throw new Error('killed')
        return db.transaction(act, config)
      }
      await expect(applyImport(dying, found, TERMINAL, 4)).rejects.toThrow('killed')
      const there = () => countBlocks(db, { kind: 'network' })
      const [before, half] = [await there(), textOf((await owner.get(path)).body)]
      expect(half).toContain('Block the other 2 networks?')
      expect(half).toContain('4 of 6 networks are done')

      await owner.post(`${path}/apply`)
      expect(await said(owner, path)).toContain('6 networks are blocked')
      expect(await there()).toBe(before + 2)
      const events = await db.$count(auditEvents, sql`details ->> 'import' = ${found.id}`)
      expect(events).toBe(6)
      expect(await db.$count(revocations, sql`kind = 'network' and target like '198.19.%'`)).toBe(6)
    })

    test('no transaction ends more sessions than one block does, however short the list', async () => {
      const { db } = database
      const owner = await anOwnersBrowser()
      const path = await review(owner, '198.18.60.0/24\n198.18.61.0/24\n198.18.62.0/24')
      const id = path.slice(-36) as ImportId
      await db.update(networkImportLines).set({ sessions: 700 }).where(eq(networkImportLines.importId, id))
      const found = await findImport(db, id)
      if (!found) throw new Error('the review was not kept')
      const dealtWith: number[] = []
      const counting: typeof db = Object.create(db)
      counting.transaction = async (act, config) => {
        const answer = await db.transaction(act, config)
        dealtWith.push(Number(answer))
        return answer
      }
      expect(await applyImport(counting, found, TERMINAL)).toBe(3)
      expect(dealtWith).toEqual([1, 1, 1, 0])
    })

    test('what came between the review and now is looked at again', async () => {
      const { db } = database
      const owner = await anOwnersBrowser()
      const path = await review(owner, '198.18.70.0/24\n198.18.71.0/24\n198.18.72.0/24')
      await blockNetwork(db, { network: '198.18.70.0/24', reason: 'meanwhile' }, TERMINAL)
      await aSession(db, { account: await anOwner(db), ip: '198.18.71.3' })
      await owner.post(`${path}/apply`)
      expect(await said(owner, path)).toMatch(/^1 network is blocked 1 network had been blocked.* 1 network left out/)
      const { body } = await owner.get(path)
      expect(textOf(body)).toContain('Not blocked before 3')
      expect(row(body, 1)).toContain('Blocked by somebody in the meantime')
      expect(row(body, 2)).toContain('An owner is signed in from there now')
      const [first] = (await listBlocks(db, { kind: 'network' })).items.filter(
        ({ network }) => network === '198.18.70.0/24',
      )
      expect(first).toMatchObject({ reason: 'meanwhile' })
    })

    test('of more than a hundred networks the number is typed', async () => {
      const owner = await anOwnersBrowser()
      const path = await review(owner, Array.from({ length: 101 }, (_, n) => `198.18.80.${n}`).join('\n'))
      const before = await countBlocks(database.db)
      const answer = await owner.post(`${path}/apply`, { count: '100' })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain('Type 101, the number of networks.')
      expect(await countBlocks(database.db)).toBe(before)
      await owner.post(`${path}/apply`, { count: '101' })
      expect(await countBlocks(database.db)).toBe(before + 101)
    })

    test('S-53 may be larger than other forms, but not without end, and must be text', async () => {
      const owner = await anOwnersBrowser()
      const comment = `# ${'x'.repeat(1_000)}\n`
      expect((await upload(owner, `${comment.repeat(500)}198.18.90.0/24`)).status).toBe(303)
      const large = await upload(owner, comment.repeat(1_100))
      expect(large.status).toBe(413)
      expect(textOf(await large.text())).toContain('At most 1024 KiB are read')
      for (const bytes of [
        [0x31, 0xe9, 0xff],
        [0x50, 0x4b, 0x03, 0x04, 0x00],
      ]) {
        const latin = await upload(owner, new Uint8Array(bytes))
        const page = textOf(await latin.text())
        expect(page).toContain('Block which networks?')
        expect(page).toContain('is not text in UTF-8')
        expect(latin.status).toBe(422)
      }
      const nothing = await upload(owner, '# nothing')
      expect(nothing.status).toBe(422)
      expect(textOf(await nothing.text())).toContain('There is no network in it')
      const elsewhere = await owner.post('/admin/blocks/new-x', { list: 'x'.repeat(70_000) })
      expect(elsewhere.status).toBe(413)
    })
  })

  test('one’s own address must be typed; the block undoes itself unless it is kept', async () => {
    const { db } = database
    const owner = await anOwnersBrowser()
    const form = { network: '127.0.0.0/8', reviewed: '127.0.0.0/8', reason: 'policy', end_sessions: 'on' }
    const before = await countBlocks(db, { kind: 'network' })
    const review = await owner.post('/admin/blocks', { network: '127.0.0.0/8', reason: 'policy' })
    expect(textOf(review.body)).toContain('Your own address is in this network')

    const wrong = await owner.post('/admin/blocks', { ...form, own_address: '127.0.0.2' })
    expect(wrong.status).toBe(422)
    expect(textOf(wrong.body)).toContain('Type 127.0.0.1, the address that you have now.')
    expect(await countBlocks(db, { kind: 'network' })).toBe(before)

    expect((await owner.post('/admin/blocks', { ...form, own_address: '127.0.0.1' })).status).toBe(303)
    const page = await owner.get('/admin/blocks')
    expect(textOf(page.body)).toContain('The block on 127.0.0.0/8 undoes itself')
    const [block] = (await listBlocks(db, { kind: 'network' })).items
    expect(page.body).toContain(`action="/admin/blocks/${block?.id}/confirm"`)

    await owner.post(`/admin/blocks/${block?.id}/confirm`)
    expect((await listBlocks(db, { kind: 'network' })).items[0]).toMatchObject({ confirmBy: null })
    // Kept, it covers its author too: who can confirm it from inside has been told so.
    expect((await owner.get('/admin/blocks')).status).toBe(303)
    await blockNetwork(db, { network: '127.0.0.0/8', reason: 'x', until: new Date(Date.now() + 60_000) }, TERMINAL)
  })
})

oneDatabase((database) => {
  const app = useApp(database)
  const anOwnersBrowser = async () => signedIn(database.db, app.url, await anOwner(database.db))

  test.each([
    ['host bits set', { network: '203.0.113.7/24', reason: 'attack' }, 'did you mean 203.0.113.0/24?'],
    ['everything', { network: '0.0.0.0/0', reason: 'attack' }, 'every address there is'],
    ['everything of IPv6', { network: '::/0', reason: 'attack' }, 'every address there is'],
    ['no network', { network: 'the office', reason: 'attack' }, 'not an address or a network'],
    ['no reason', { network: '203.0.113.0/24' }, 'Choose a reason'],
    [
      'S-56 an end in the past',
      { network: '203.0.113.0/24', reason: 'attack', until: 'date', date: '2001-01-01T00:00' },
      'lies in the past',
    ],
  ])('%s is said in words, and what was typed is kept', async (_, form, words) => {
    const owner = await anOwnersBrowser()
    const answer = await owner.post('/admin/blocks', form)
    expect(answer.status).toBe(422)
    expect(textOf(answer.body)).toContain(words)
    expect(answer.body).toContain(`value="${form.network}"`)
    expect(await countBlocks(database.db)).toBe(0)
  })

  describe('who may do what', () => {
    test('S-30 a viewer sees blocks and no control', async () => {
      const { db } = database
      const viewer = await signedIn(db, app.url, await anAccount(db, { role: 'viewer' }))
      const blocked = await anAccount(db, { name: 'Marta Kowalczyk' })
      const answer = await blockAccount(db, blocked.id, { reason: 'compromised' }, TERMINAL)
      const id = answer?.status === 'blocked' ? answer.block.id : ''
      const { body } = await viewer.get('/admin/blocks')
      expect(textOf(body)).toContain('Marta Kowalczyk')
      expect(body).not.toMatch(/\/lift"|\/admin\/blocks\/new/)
      for (const path of ['/admin/blocks', `/admin/blocks/${id}/lift`, `/admin/blocks/${id}/confirm`]) {
        expect((await viewer.post(path, { network: '203.0.113.0/24', reason: 'attack' })).status).toBe(403)
      }
      for (const path of ['/admin/blocks/new', '/admin/blocks/import', `/admin/blocks/import/${newId()}`])
        expect((await viewer.get(path)).status).toBe(403)
      expect((await viewer.get(`/admin/blocks/${id}/lift`)).status).toBe(403)
    })

    test('S-35 a responder sees no control over the block of an owner, and is refused', async () => {
      const { db } = database
      await anOwner(db)
      const owner = await anOwner(db, { name: 'Blocked Owner' })
      const answer = await blockAccount(db, owner.id, { reason: 'compromised' }, TERMINAL)
      const path = `/admin/blocks/${answer?.status === 'blocked' ? answer.block.id : ''}/lift`
      const responder = await signedIn(db, app.url, await anAccount(db, { role: 'responder' }))
      expect((await responder.get('/admin/blocks')).body).not.toContain(path)
      expect((await responder.get(path)).status).toBe(403)
      expect((await responder.post(path)).status).toBe(403)
      expect((await (await anOwnersBrowser()).get('/admin/blocks')).body).toContain(path)
    })

    test('S-35 a responder can’t block a network that an owner is signed in from', async () => {
      const { db } = database
      await aSession(db, { account: await anOwner(db), from: 'New York' })
      const responder = await signedIn(db, app.url, await anAccount(db, { role: 'responder' }))
      const form = { network: '2001:db8::/32', reviewed: '2001:db8::/32', reason: 'attack' }
      const answer = await responder.post('/admin/blocks', form)
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain('An owner is signed in from there.')
    })
  })

  test.each(['?state=gone', '?kind=person', '?after=x', '?colour=red'])('S-56 %s is a clear 400', async (query) => {
    expect((await (await anOwnersBrowser()).get(`/admin/blocks${query}`)).status).toBe(400)
  })

  test('an unknown block is not found', async () => {
    const owner = await anOwnersBrowser()
    expect((await owner.get(`/admin/blocks/${newId()}/lift`)).status).toBe(404)
    expect((await owner.post('/admin/blocks/nope/confirm')).status).toBe(404)
  })

  test('with nothing blocked the page says how to', async () => {
    const { body } = await (await anOwnersBrowser()).get('/admin/blocks?kind=network&state=lifted')
    expect(textOf(body)).toContain('No such block')
  })
})
