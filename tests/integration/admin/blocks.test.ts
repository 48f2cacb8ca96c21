import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks.js'
import { countBlocks, listBlocks } from '../../../src/accounts/listBlocks.js'
import { blockNetwork } from '../../../src/accounts/networkBlocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { newId } from '../../../src/db/ids.js'
import { countSessions } from '../../../src/sessions/list.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
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

    const [block] = (await listBlocks(db)).items
    expect(textOf((await owner.get(`/admin/blocks/${block?.id}/lift`)).body)).toContain(
      'Lift the block on 203.0.113.0/24?',
    )
    await owner.post(`/admin/blocks/${block?.id}/lift`, { reason: 'over' })
    expect(await said(owner, '/admin/blocks')).toContain('The block on 203.0.113.0/24 is lifted')
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

  test('one’s own address must be typed; the block undoes itself unless it is kept', async () => {
    const { db } = database
    const owner = await anOwnersBrowser()
    const form = { network: '127.0.0.0/8', reviewed: '127.0.0.0/8', reason: 'policy', end_sessions: 'on' }
    const review = await owner.post('/admin/blocks', { network: '127.0.0.0/8', reason: 'policy' })
    expect(textOf(review.body)).toContain('Your own address is in this network')

    const wrong = await owner.post('/admin/blocks', { ...form, own_address: '127.0.0.2' })
    expect(wrong.status).toBe(422)
    expect(textOf(wrong.body)).toContain('Type 127.0.0.1, the address that you have now.')
    expect(await countBlocks(db, { kind: 'network' })).toBe(0)

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
      expect((await viewer.get('/admin/blocks/new')).status).toBe(403)
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
