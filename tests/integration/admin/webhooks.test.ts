import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { listAudit } from '../../../src/audit/list.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { deliveries } from '../../../src/db/schema/webhooks.js'
import { listWebhooks } from '../../../src/webhooks/endpoints.js'
import { listDeliveries } from '../../../src/webhooks/log.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
import { aReceiver, type Receiver } from '../../support/receiver.js'
import { said, shownIn, signedIn, textOf } from './signedIn.js'

const HERE = '/admin/settings/webhooks'
const HOSTILE = '<script>alert(1)</script> & "quotes"'

oneDatabase((database) => {
  const app = useApp(database, { ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true' })
  let owner: BrowserLikeClient
  let receiver: Receiver
  beforeAll(async () => {
    owner = await signedIn(database.db, app.url, await anOwner(database.db))
    receiver = await aReceiver((response) => response.writeHead(500).end(HOSTILE))
  })
  afterAll(() => receiver.close())

  const secretOn = (body: string) => /whsec_[A-Za-z0-9+/=]{44}/.exec(body)?.[0] ?? expect.fail('no secret is shown')
  const page = async (path: string) => textOf((await owner.get(path)).body)

  describe('webhooks in the panel', () => {
    test('one is added, tested, told, and its log says what was answered', async () => {
      const added = await owner.post(HERE, {
        url: receiver.url,
        description: 'SIEM',
        event: ['account.blocked', 'account.lifted'],
      })
      expect(added.status).toBe(200)
      const secret = secretOn(added.body)
      const [webhook] = await listWebhooks(database.db)
      expect(webhook).toMatchObject({ url: receiver.url, events: ['account.blocked', 'account.lifted'] })
      const own = `${HERE}/${webhook?.id}`
      for (const path of [HERE, own, `${own}/change`, `${own}/secret`])
        expect((await owner.get(path)).body, `${path} shows no secret`).not.toContain('whsec_')

      const tested = await owner.post(`${own}/test`)
      expect([tested.status, tested.headers.get('location')]).toEqual([303, own])
      const afterTest = await owner.get(own)
      expect(textOf(afterTest.body)).toContain('The test did not arrive It answered 500')
      expect(textOf(afterTest.body)).toMatch(
        /rollcall\.test Test msg_[0-9a-f]{32} .* Failed 500 after \d+ ms <script>alert\(1\)<\/script> & "quotes" 1 None/,
      )
      expect(afterTest.body).not.toContain('<script>alert')
      expect(await page(own), 'shown again it is not sent again, nor said again').not.toContain('did not arrive')
      expect(receiver.received).toHaveLength(1)
      const [first] = receiver.received
      expect(first?.type).toBe('rollcall.test')
      expect(receiver.accepts(first ?? expect.fail(), secret)).toBe(true)

      const account = await anAccount(database.db)
      await blockAccount(database.db, account.id, { reason: 'test' }, SYSTEM)
      await vi.waitFor(async () => expect(await page(own)).toContain('Failed, waiting'), 5_000)
      const failing = await owner.get(own)
      expect(textOf(failing.body)).toMatch(/account\.blocked msg_[0-9a-f]{32} .* Failed, waiting 500 after \d+ ms/)
      expect(textOf(failing.body)).toMatch(/The last attempts failed No good answer for \d+ s \./)
      expect(failing.body).not.toContain('<script>alert')
      expect(await page(`${own}?state=delivered`)).toContain('Nothing was sent')
      expect((await owner.get(`${own}?state=lost`)).status).toBe(400)
      expect(await page(HERE)).toMatch(/SIEM .* Failing 1/)
    })

    test('what was given up is sent once more, one or all of them', async () => {
      const own = `${HERE}/${(await listWebhooks(database.db))[0]?.id}`
      await database.db.update(deliveries).set({ state: 'given-up' })
      receiver.answer = (response) => response.writeHead(204).end()
      expect((await owner.post(`${own}/replay`, { since: '1h' })).status).toBe(303)
      expect(await said(owner, own)).toContain('1 sent once more')
      await vi.waitFor(async () => expect(await page(own)).toMatch(/Delivered 204 after \d+ ms/), 5_000)
      await owner.post(`${own}/replay`, { since: '30d' })
      expect(await said(owner, own)).toContain('No delivery was given up in that time.')
      const { items } = await listDeliveries(database.db, (await listWebhooks(database.db))[0]?.id ?? expect.fail())
      const delivery = items.find(({ type }) => type === 'account.blocked')
      const before = receiver.received.length
      await owner.post(`${own}/replay`, { delivery: String(delivery?.id) })
      await vi.waitFor(() => expect(receiver.received.length).toBe(before + 1), 5_000)
      expect((await owner.post(`${own}/replay`, { delivery: 'all' })).status).toBe(400)
    })

    test('a test that arrives is in the log too, and is never sent once more', async () => {
      const [webhook] = await listWebhooks(database.db)
      const own = `${HERE}/${webhook?.id}`
      const before = receiver.received.length
      await owner.post(`${own}/disable`)
      await said(owner, own)
      await owner.post(`${own}/test`)
      expect(await said(owner, own)).toMatch(/The test arrived: 204 after \d+ ms/)
      await owner.post(`${own}/enable`)
      const { items } = await listDeliveries(database.db, webhook?.id ?? expect.fail(), { state: 'delivered' })
      const [newest] = items
      expect(newest).toMatchObject({
        type: 'rollcall.test',
        state: 'delivered',
        attempts: 1,
        status: 204,
        nextAt: null,
      })
      expect(receiver.received.at(-1)?.id).toBe(newest?.messageId)
      expect(await page(own)).not.toContain(`Send again ${newest?.messageId}`)
      await said(owner, own)
      await owner.post(`${own}/replay`, { delivery: String(newest?.id) })
      expect(await said(owner, own)).toContain('Nothing was sent')
      await database.db.update(deliveries).set({ state: 'given-up' })
      await owner.post(`${own}/replay`, { since: '1h' })
      expect(await said(owner, own), 'the block, not the two tests').toContain('1 sent once more')
      await vi.waitFor(() => expect(receiver.received.length).toBe(before + 2), 5_000)
    })

    test('its secret is replaced, it is disabled and enabled, changed, and deleted', async () => {
      const own = `${HERE}/${(await listWebhooks(database.db))[0]?.id}`
      expect(secretOn((await owner.post(`${own}/secret`)).body)).toMatch(/^whsec_/)
      expect(await page(own)).toContain('the one before stops signing')
      expect((await owner.post(`${own}/disable`)).status).toBe(303)
      expect(await said(owner, own)).toContain('The webhook is disabled')
      expect(await page(own)).not.toContain('Send again')
      await owner.post(`${own}/replay`, { since: '30d' })
      expect(await said(owner, own)).toContain('Enable it first.')
      await owner.post(`${own}/enable`)
      expect(await said(owner, own)).toContain('The webhook is enabled')
      expect((await owner.post(`${own}/change`, { url: receiver.url, event: 'key.revoked' })).status).toBe(303)
      expect((await listWebhooks(database.db))[0]).toMatchObject({ events: ['key.revoked'], description: '' })
      expect((await owner.post(`${own}/remove`)).status).toBe(303)
      expect(await listWebhooks(database.db)).toEqual([])
      expect((await owner.get(own)).status).toBe(404)
      const { items } = await listAudit(database.db)
      const acts = items.map(({ action }) => action).filter((action) => action.startsWith('webhook.'))
      expect(acts.map((action) => action.slice('webhook.'.length))).toEqual([
        ...[
          'removed',
          'changed',
          'enabled',
          'disabled',
          'secret-rotated',
          ...['replayed', 'enabled', 'disabled'],
          'replayed',
          'replayed',
          'added',
        ],
      ])
      expect(JSON.stringify(items)).not.toContain('whsec_')
      expect(app.log()).not.toContain('whsec_')
    })

    test('an open form does not put back what a colleague changed meanwhile', async () => {
      await owner.post(HERE, { url: receiver.url, description: 'SIEM', event: ['session.ended', 'key.revoked'] })
      const [webhook] = await listWebhooks(database.db)
      const own = `${HERE}/${webhook?.id}`
      const shown = shownIn((await owner.get(`${own}/change`)).body)
      await owner.post(`${own}/change`, { url: receiver.url, description: 'SIEM', event: 'account.blocked' })
      const form = { url: receiver.url, description: 'The SIEM', event: ['key.revoked', 'session.ended'], shown }
      expect((await owner.post(`${own}/change`, form)).status).toBe(303)
      expect(await listWebhooks(database.db)).toMatchObject([{ description: 'The SIEM', events: ['account.blocked'] }])
      await owner.post(`${own}/remove`)
    })

    test.each([
      [{ url: 'http://example.com/' }, 'It must begin with https://.'],
      [{ url: 'https://10.0.0.1/' }, 'It must be on the public internet: 10.0.0.1 is not.'],
      [{ url: '' }, 'It must be an address such as https://example.com/hooks.'],
      [{ event: [] as string[] }, 'Choose at least one.'],
    ])('%j is said beside its field, with what was typed, and nothing is made', async (wrong, words) => {
      const answer = await owner.post(HERE, { url: receiver.url, event: 'session.ended', ...wrong })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(words)
      if ('url' in wrong) expect(answer.body).toContain(`value="${wrong.url}"`)
      expect(await listWebhooks(database.db)).toEqual([])
    })

    test('S-30 nobody but an owner sees them', async () => {
      const responder = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'responder' }))
      expect((await responder.get(HERE)).status).toBe(403)
      expect((await responder.post(HERE, { url: receiver.url, event: 'session.ended' })).status).toBe(403)
      expect((await responder.get('/admin/settings')).body).not.toContain(HERE)
    })
  })
})
