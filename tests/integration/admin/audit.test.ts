import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { checkChain } from '../../../src/audit/checkChain.js'
import { countAudit, findAuditEvent, listAudit } from '../../../src/audit/list.js'
import { recordAudit } from '../../../src/audit/record.js'
import { sealAudit } from '../../../src/audit/seal.js'
import { AUDIT_ACTIONS, TERMINAL } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { newId, type SessionId } from '../../../src/db/ids.js'
import { BadCursor } from '../../../src/db/page.js'
import { installation } from '../../../src/db/schema.js'
import { showBidiControls } from '../../../src/http/bidiControls.js'
import { useApp } from '../../support/app.js'
import { acting, anAccount, type TestAccount } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { PAYLOADS } from './payloads.js'
import { said, signedIn, textOf } from './signedIn.js'

/** Of what happens behind the answer, on a machine that has much to do. */
const PATIENT = { timeout: 30_000 }

const about = ({ id, name }: TestAccount) => ({ target: { kind: 'account', id, name }, accountId: id })

/** So many events about one account, oldest first. */
async function events(db: Database, account: TestAccount, n: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < n; i++) ids.push(await recordAudit(db, TERMINAL, 'account.updated', about(account)))
  return ids.reverse()
}

eachDatabase((database) => {
  describe('the list', () => {
    test('is newest first, and pages both ways without losing or repeating a line', async () => {
      const { db } = database
      const account = await anAccount(db)
      const ids = await events(db, account, 7)
      const filter = { account: account.id }
      const read: string[] = []
      let after: string | undefined
      do {
        const page = await listAudit(db, filter, { limit: 3, after })
        read.push(...page.items.map((event) => event.id))
        after = page.next ?? undefined
      } while (after)
      expect(read).toEqual(ids)

      const second = await listAudit(db, filter, {
        limit: 3,
        after: (await listAudit(db, filter, { limit: 3 })).next ?? '',
      })
      const back = await listAudit(db, filter, { limit: 3, before: second.previous ?? '' })
      expect(back.items.map((event) => event.id)).toEqual(ids.slice(0, 3))
      expect(back.previous).toBeNull()
      expect(await countAudit(db, filter)).toBe(7)
    })

    test('S-56 a cursor that was made up, or is of another filter, is refused', async () => {
      const { db } = database
      const account = await anAccount(db)
      await events(db, account, 3)
      const { next } = await listAudit(db, { account: account.id }, { limit: 1 })
      await expect(listAudit(db, { account: account.id, action: 'blocks' }, { after: next ?? '' })).rejects.toThrow(
        BadCursor,
      )
      await expect(listAudit(db, {}, { after: 'nonsense' })).rejects.toThrow(BadCursor)
      await expect(listAudit(db, {}, { before: Buffer.from('["x",["y"]]').toString('base64url') })).rejects.toThrow(
        BadCursor,
      )
    })

    test('is found by group, action, beginning of actions, actor, session, result and time', async () => {
      const { db } = database
      const account = await anAccount(db)
      const by = await acting(db, account)
      const session = newId<SessionId>()
      await recordAudit(db, by, 'account.blocked', { ...about(account), sessionId: session })
      await recordAudit(db, by, 'account.blocked', { ...about(account), result: 'refused' })
      await recordAudit(db, TERMINAL, 'key.created', about(account))
      const found = async (filter: Parameters<typeof countAudit>[1]) =>
        countAudit(db, { account: account.id, ...filter })
      expect(await found({ action: 'blocks' })).toBe(2)
      expect(await found({ action: 'account.blocked' })).toBe(2)
      expect(await found({ action: 'key.' })).toBe(1)
      expect(await found({ action: 'failures' })).toBe(1)
      expect(await found({ action: 'sign-in-history' })).toBe(1)
      expect(await found({ actor: account.id, action: 'blocks' })).toBe(2)
      expect(await found({ actor: 'terminal' })).toBe(1)
      expect(await found({ session })).toBe(1)
      expect(await found({ result: 'refused' })).toBe(1)
      expect(await found({ since: new Date(Date.now() + 60_000) })).toBe(0)
      expect(await found({ until: new Date(Date.now() - 600_000) })).toBe(0)
    })

    test('is searched by who, whom, why, address, network and id; wildcards are letters', async () => {
      const { db } = database
      const account = await anAccount(db, { name: 'Zinaida 100% Unusual_' })
      const by = await acting(db, account, { from: 'Osaka' })
      const id = await recordAudit(db, by, 'account.updated', { ...about(account), reason: 'because of a zebra' })
      await recordAudit(db, by, 'network.blocked', {
        target: { kind: 'network', id: '198.18.0.0/15', name: '198.18.0.0/15' },
      })
      const found = async (q: string) => (await listAudit(db, { q })).items.length
      expect(await found('zinaida unusual')).toBe(3)
      expect(await found('zebra')).toBe(1)
      expect(await found(account.email?.toUpperCase() ?? '')).toBe(3)
      expect(await found('nobody@example.com')).toBe(0)
      expect(await found('100%')).toBe(3)
      expect(await found('10_%')).toBe(0)
      expect(await found('203.0.113.30')).toBe(3)
      expect(await found('203.0.113.0/24')).toBe(3)
      expect(await found('::ffff:203.0.113.30')).toBe(3)
      expect(await found('198.18.0.0/15')).toBe(1)
      expect(await found(id)).toBe(1)
      expect(await findAuditEvent(db, id)).toMatchObject({
        reason: 'because of a zebra',
        actor: { name: account.name },
      })
    })
  })

  test('a row with details that nobody understands does not break the list', async () => {
    const { db } = database
    const account = await anAccount(db)
    await recordAudit(db, TERMINAL, 'settings.changed', {
      ...about(account),
      details: { before: 'x', after: [1], ended: {} },
    })
    const { items } = await listAudit(db, { account: account.id })
    expect(items[0]?.details).toEqual({ ended: {} })
  })
})

oneDatabase((database) => {
  const app = useApp(database)

  test('every action has its line, its details and its own address', async () => {
    const { db } = database
    const viewer = await signedIn(db, app.url, await anAccount(db, { role: 'viewer' }))
    const account = await anAccount(db)
    for (const action of AUDIT_ACTIONS) await recordAudit(db, TERMINAL, action, about(account))
    const list = await viewer.get(`/admin/audit?account=${account.id}`)
    const ids = [...list.body.matchAll(/<details class="audit-event" id="e-([\w-]+)"/g)].map(([, id]) => id)
    expect(ids).toHaveLength(AUDIT_ACTIONS.length)
    for (const id of ids) {
      const page = await viewer.get(`/admin/audit/${id}`)
      expect(page.status).toBe(200)
      expect(page.body).toContain(`href="/admin/audit/${id}"`)
    }
  })

  test('before and after stand side by side', async () => {
    const { db } = database
    const viewer = await signedIn(db, app.url, await anAccount(db, { role: 'viewer' }))
    const details = { before: { idleTimeout: 3600, contact: 'Bob' }, after: { idleTimeout: 1800, contact: 'Ann' } }
    const id = await recordAudit(db, TERMINAL, 'settings.changed', { details })
    const text = textOf((await viewer.get(`/admin/audit/${id}`)).body)
    expect(text).toContain('idle timeout of people 1 hour 30 minutes')
    expect(text).toContain('contact for blocked people Bob Ann')
  })

  test.each(Object.entries(PAYLOADS))('S-43 %s in any field of an event is shown as text', async (_, text) => {
    const { db } = database
    const viewer = await signedIn(db, app.url, await anAccount(db, { role: 'viewer' }))
    const actor = await anAccount(db, { name: text })
    const id = await recordAudit(db, await acting(db, actor), 'account.updated', {
      target: { kind: 'account', id: newId(), name: text },
      reason: text,
      details: { before: { name: text }, after: { [text]: text }, [`more ${text}`]: text },
    })
    for (const path of [`/admin/audit/${id}`, `/admin/audit?account=${actor.id}`]) {
      const { status, body } = await viewer.get(path)
      expect(status).toBe(200)
      expect(textOf(body)).toContain(showBidiControls(text).replaceAll(/\s+/g, ' '))
      expect(body).not.toMatch(/<img src=x|<svg><animate|<script>alert|<a hx-get="\/admin\/x"|" autofocus onfocus=/)
    }
  })

  test.each([
    ['a made-up cursor', '?after=x'],
    ['a time that is none', '?since=yesterday'],
    ['a time out of range', '?since=99999-01-01T00:00:00Z'],
    ['an inverted range', '?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z'],
    ['an unknown group', '?group=gossip'],
    ['an actor that is no id', '?actor=ada'],
    ['an unknown filter', '?colour=red'],
    ['a NUL', '?q=%00'],
  ])('S-56 %s is a clear 400', async (_, query) => {
    const viewer = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'viewer' }))
    const { status, body } = await viewer.get(`/admin/audit${query}`)
    expect(status).toBe(400)
    expect(textOf(body)).toContain('Something in the request is not right')
  })

  describe('the chain', () => {
    test('S-63 is verified at a click, and the page says what was checked and compares a noted head', async () => {
      const { db } = database
      const responder = await signedIn(db, app.url, await anAccount(db, { role: 'responder' }))
      await sealAudit(db)
      await expect
        .poll(async () => {
          await responder.post('/admin/audit/chain/check')
          return said(responder, '/admin/audit/chain')
        }, PATIENT)
        .toContain('The chain is whole')
      const { body } = await responder.get('/admin/audit/chain')
      expect(textOf(body)).toContain('Nothing was changed, removed, put in or moved')
      const [head = ''] = /\d+\.[0-9a-f]{64}/.exec(body) ?? []
      const compared = async (text: string) => textOf((await responder.get(`/admin/audit/chain?head=${text}`)).body)
      expect(await compared(head)).toContain('The chain holds this head')
      expect(await compared(head.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toContain(
        'does not hold this head',
      )
      expect(await compared('hello')).toContain('A head is a number, a dot')
      expect(textOf((await responder.get('/admin/audit')).body)).toMatch(/Chain verified up to \d\d:\d\d/)
    })

    test('S-63 S-35 what is wrong is named where; a viewer sees it, without a control', async () => {
      const { db } = database
      const id = await recordAudit(db, TERMINAL, 'key.created')
      await sealAudit(db)
      expect(textOf((await (await as('viewer')).get(`/admin/audit/${id}`)).body)).toContain('Chained')
      await db.transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`)
        await tx.execute(sql`update audit_events set actor_name = 'Mallory' where id = ${id}`)
      })
      await expect.poll(() => checkChain(db, 'test'), PATIENT).toMatchObject({ problemCount: 1 })
      const page = await (await as('viewer')).get('/admin/audit/chain')
      expect(textOf(page.body)).toMatch(
        new RegExp(`1 thing is not as it should be.*Says something else than when it was sealed ${id}`),
      )
      expect(page.body).not.toContain('/chain/check')
      expect(textOf((await (await as('viewer')).get('/admin/audit')).body)).toContain('Chain is broken')
    })

    const as = async (role: 'viewer') => signedIn(database.db, app.url, await anAccount(database.db, { role }))

    test('a check whose process died is taken over; one that runs is shown, and not begun twice', async () => {
      const { db } = database
      const running = (secondsAgo: number) => {
        const at = new Date(Date.now() - secondsAgo * 1000)
        return JSON.stringify({ startedAt: at, beatAt: at, events: 4_321, by: 'Another node' })
      }
      const values = { key: 'audit-check-running', value: running(1) }
      await db.insert(installation).values(values).onConflictDoUpdate({ target: installation.key, set: values })
      expect(await checkChain(db, 'test')).toBeUndefined()
      const page = await (await as('viewer')).get('/admin/audit/chain')
      expect(textOf(page.body)).toMatch(/being verified 4,321 events so far, begun on .* by Another node/)
      await db
        .update(installation)
        .set({ value: running(31) })
        .where(eq(installation.key, values.key))
      expect(await checkChain(db, 'test')).toBeDefined()
    })
  })

  test('an unknown event is not found; a filter that nothing matches says so', async () => {
    const viewer = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'viewer' }))
    expect((await viewer.get(`/admin/audit/${newId()}`)).status).toBe(404)
    expect((await viewer.get('/admin/audit/nope')).status).toBe(404)
    const { body } = await viewer.get('/admin/audit?q=nothing-has-this&range=7d')
    expect(textOf(body)).toContain('No event matches')
  })
})
