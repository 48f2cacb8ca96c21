import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { liftImport } from '../../../src/accounts/blocks/liftImport.js'
import { countBlocks, listBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { findAccount } from '../../../src/accounts/read.js'
import { listAudit } from '../../../src/audit/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { type ImportId, newId } from '../../../src/db/ids.js'
import { countSessions } from '../../../src/sessions/lists/list.js'
import { useApp } from '../../support/app.js'
import { acting, anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import { said, signedIn, textOf, undoOn } from './signedIn.js'

eachKindOfDatabase((database) => {
  const app = useApp(database)
  const responder = async () =>
    signedIn(database.db, app.url, await anAccount(database.db, { role: 'responder', name: 'Rita' }))

  describe('after a block the page offers the way back', () => {
    test('of an account: to the question first, then the block is lifted and no session comes back', async () => {
      const { db } = database
      const { account } = await aSession(db)
      const client = await responder()
      await client.post(`/admin/accounts/${account.id}/block`, { reason: 'policy', until: 'lifted' })
      const path = `/admin/accounts/${account.id}`
      const undo = await undoOn(client, path)
      expect(undo).toEqual({
        text: 'Lift the block Lets them sign in again; the sessions that ended stay ended.',
        hrefs: [`${path}/lift-block`],
      })
      expect((await findAccount(db, account.id))?.block).not.toBeNull()
      const question = textOf((await client.get(undo.hrefs[0] ?? '')).body)
      expect(question).toContain('The person can sign in again; no session comes back.')
      await client.post(undo.hrefs[0] ?? '')
      expect((await findAccount(db, account.id))?.block).toBeNull()
      expect(await countSessions(db, { account: account.id })).toBe(0)
      expect(await undoOn(client, path)).toEqual({ text: '', hrefs: [] })
    })

    test('of an account and its network: each has its own', async () => {
      const { db } = database
      const { account } = await aSession(db, { ip: '192.88.66.5' })
      const client = await responder()
      await client.post(`/admin/accounts/${account.id}/block`, {
        reason: 'policy',
        until: 'lifted',
        network: '192.88.66.5/32',
        also_network: 'on',
      })
      const undo = await undoOn(client, `/admin/accounts/${account.id}`)
      expect(undo.hrefs).toEqual([
        `/admin/accounts/${account.id}/lift-block`,
        expect.stringMatching(/^\/admin\/blocks\/[\w-]{36}\/lift$/),
      ])
      expect(undo.text).toContain('Lift that on the network')
      expect(await countBlocks(db, { kind: 'network' })).toBe(1)
      await client.post(undo.hrefs[1] ?? '')
      expect(await countBlocks(db, { kind: 'network' })).toBe(0)
      expect((await findAccount(db, account.id))?.block).not.toBeNull()
    })

    test('of a network', async () => {
      const { db } = database
      await anOwner(db)
      const client = await responder()
      const network = '192.88.67.0/24'
      await client.post('/admin/blocks', { network, reviewed: network, reason: 'attack', until: 'lifted' })
      const undo = await undoOn(client, '/admin/blocks')
      expect(undo.text).toBe('Lift the block Lets people sign in from there again; the sessions that ended stay ended.')
      expect(textOf((await client.get(undo.hrefs[0] ?? '')).body)).toContain(`Lift the block on ${network}?`)
      await client.post(undo.hrefs[0] ?? '')
      expect(await countBlocks(db, { kind: 'network' })).toBe(0)
    })

    test('of many accounts: those that this act blocked, and no others', async () => {
      const { db } = database
      const [one, two, before, other] = [
        await anAccount(db),
        await anAccount(db),
        await anAccount(db),
        await anAccount(db),
      ]
      await blockAccount(db, before.id, { reason: 'spam' }, TERMINAL)
      const client = await responder()
      await client.post('/admin/accounts/block', {
        account: [one.id, two.id, before.id],
        reason: 'policy',
        until: 'lifted',
      })
      await blockAccount(db, other.id, { reason: 'spam' }, TERMINAL)
      const undo = await undoOn(client, '/admin/accounts')
      expect(undo.text).toMatch(/^Lift the 2 blocks Lets them sign in again/)
      const question = (await client.get(undo.hrefs[0] ?? '')).body
      expect(textOf(question)).toContain('Unblock 2 accounts? They can sign in again. No session comes back.')
      const ids = [...question.matchAll(/name="account" value="([^"]+)"/g)].map(([, id = '']) => id)
      expect(ids.sort()).toEqual([one.id, two.id].sort())
      await client.post('/admin/accounts/lift-block', { account: ids })
      expect(await said(client, '/admin/accounts')).toMatch(/^2 accounts are unblocked/)
      expect((await findAccount(db, before.id))?.block).not.toBeNull()
      expect((await findAccount(db, other.id))?.block).not.toBeNull()
    })

    test('of a list of networks: what it blocked, but for what somebody changed since', async () => {
      const { db } = database
      await anOwner(db)
      const client = await responder()
      const before = await countBlocks(db, { kind: 'network' })
      await blockNetwork(db, { network: '198.18.1.0/24', reason: 'before' }, TERMINAL)
      const reviewed = await client.post('/admin/blocks/import', {
        list: '198.18.1.0/24\n198.18.2.0/24\n198.18.3.0/24\n198.18.4.0/24',
        reason: 'attack',
        until: 'lifted',
      })
      const path = reviewed.location ?? ''
      await client.post(`${path}/apply`)
      const undo = await undoOn(client, path)
      expect(undo).toEqual({
        text: 'Lift the 3 blocks Lets people sign in from there again; the sessions that ended stay ended.',
        hrefs: [`${path}/lift`],
      })
      await blockNetwork(db, { network: '198.18.3.0/24', reason: 'by hand' }, TERMINAL)
      expect(textOf((await client.get(`${path}/lift`)).body)).toContain('Lift the 2 blocks of this list?')
      await client.post(`${path}/lift`, { reason: 'a mistake' })
      expect(await said(client, path)).toBe('2 blocks are lifted No session came back.')
      const left = (await listBlocks(db, { kind: 'network' })).items.map(({ reason }) => reason)
      expect(left.sort()).toEqual(['before', 'by hand'])
      expect(await countBlocks(db, { kind: 'network' })).toBe(before + 2)
      const events = (await listAudit(db, { action: 'network.block-lifted', q: 'a mistake' })).items
      expect(events.map(({ target }) => target?.name).sort()).toEqual(['198.18.2.0/24', '198.18.4.0/24'])
      expect(textOf((await client.get(`${path}/lift`)).body)).toContain('Nothing of this list is in force')
    })

    test('of a list, by nobody who has lost the role meanwhile', async () => {
      const { db } = database
      const list = { id: newId<ImportId>(), name: 'list.csv' }
      const viewer = await acting(db, await anAccount(db, { role: 'viewer' }))
      expect(await liftImport(db, list, null, viewer)).toBe('refused')
    })

    test('somebody else’s blocks, and ids that are made up, are nobody to lift anything of', async () => {
      const client = await responder()
      const [first, last] = [newId<string>(new Date(0)), newId<string>()]
      const page = textOf((await client.get(`/admin/accounts/lift-block?first=${first}&last=${last}`)).body)
      expect(page).toContain('Nobody to do this to')
      expect((await client.get('/admin/accounts/lift-block?first=x&last=y')).status).toBe(200)
    })
  })
})
