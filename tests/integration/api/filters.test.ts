import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { auditEvents } from '../../../src/db/schema.js'
import type { Session } from '../../../src/sessions/types.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, send } from './client.js'

eachDatabase((database) => {
  const server = useApp(database)
  let secret = ''
  const call = (method: string, path: string, body?: unknown) => send(server.url, method, path, { key: secret, body })
  const made: Record<'berlin' | 'lisbon' | 'office' | 'osaka' | 'over', Session> = {} as never

  beforeAll(async () => {
    secret = (await aKey(database.db)).secret
    const grace = await anAccount(database.db, { name: 'Grace Hopper', email: 'grace@navy.example' })
    made.berlin = (
      await aSession(database.db, { account: grace, from: 'Berlin', on: 'Chrome on Windows', signedInFor: '3 hours' })
    ).session
    made.lisbon = (await aSession(database.db, { account: grace, from: 'Lisbon', on: 'Safari on iPhone' })).session
    made.office = (await aSession(database.db, { from: 'the office', on: 'Firefox on Linux', method: 'saml' })).session
    made.osaka = (
      await aSession(database.db, {
        from: 'Osaka',
        on: 'Safari on Mac',
        app: await anApp(database.db, { name: 'Shop' }),
      })
    ).session
    made.over = (await aSession(database.db, { from: 'New York', on: 'Edge on Windows' })).session
    await call('DELETE', `/sessions/${made.over.id}?reason=test`)
  })

  /** Which of them, in the order of the answer. */
  const names = async (query: string) => {
    const { json, text } = await call('GET', `/sessions?${query}`)
    if (!json.items) throw new Error(text)
    const byId = new Map(Object.entries(made).map(([name, { id }]) => [String(id), name]))
    return json.items.map(({ id }: { id: string }) => byId.get(id))
  }

  describe('GET /sessions', () => {
    test('lists the live ones, newest sign-in first; others by state', async () => {
      expect(await names('')).toEqual(['osaka', 'office', 'lisbon', 'berlin'])
      expect(await names('sort=oldest')).toEqual(['berlin', 'lisbon', 'office', 'osaka'])
      expect(await names('state=ended')).toEqual(['over'])
      expect(await names('state=all')).toHaveLength(5)
    })

    test.each([
      ['q=hopper', ['lisbon', 'berlin']],
      ['q=GRACE%40navy', ['lisbon', 'berlin']],
      ['q=hop%25r', []],
      ['country=DE', ['berlin']],
      ['country=unknown', ['office']],
      ['browser=Safari', ['osaka', 'lisbon']],
      ['os=iOS', ['lisbon']],
      ['device=mobile', ['lisbon']],
      ['method=saml', ['office']],
      ['ip=192.0.2.10', ['berlin']],
      ['ip=::ffff:192.0.2.10', ['berlin']],
      ['ip=10.0.0.0/8', ['office']],
      ['ip=203.0.113.0/24', ['osaka']],
      ['q=hopper&browser=Chrome', ['berlin']],
      ['q=&country=&state=&ip=', ['osaka', 'office', 'lisbon', 'berlin']],
    ])('%s', async (query, expected) => {
      expect(await names(query)).toEqual(expected)
    })

    test('account, app, since', async () => {
      expect(await names(`account=${made.berlin.account.id}`)).toEqual(['lisbon', 'berlin'])
      expect(await names(`app=${made.osaka.app.id}`)).toEqual(['osaka'])
      const hourAgo = new Date(made.osaka.createdAt.getTime() - 3_600_000).toISOString()
      expect(await names(`since=${hourAgo}`)).toEqual(['osaka', 'office', 'lisbon'])
      expect(await names(`q=${made.office.id}`)).toEqual(['office'])
    })

    test('pages follow each other in both directions, and no session is skipped while others come', async () => {
      const first = (await call('GET', '/sessions?limit=2')).json
      expect(first).toMatchObject({ items: [{ id: made.osaka.id }, { id: made.office.id }], previous: null })
      await aSession(database.db, { account: await anAccount(database.db, { name: 'Late' }), from: 'nowhere' })
      const second = (await call('GET', `/sessions?limit=2&after=${first.next}`)).json
      expect(second).toMatchObject({ items: [{ id: made.lisbon.id }, { id: made.berlin.id }], next: null })
      const back = (await call('GET', `/sessions?limit=2&before=${second.previous}`)).json
      expect(back.items.map(({ id }: { id: string }) => id)).toEqual([made.osaka.id, made.office.id])
      await call('POST', '/sessions/revoke', { filter: { q: 'Late' }, reason: 'tidy' })
    })
  })

  describe('POST /sessions/revoke', () => {
    test('a dry run counts and ends nothing; the act ends those and no others, with one line in the audit log', async () => {
      const account = await anAccount(database.db, { name: 'Many Devices' })
      const ids: string[] = []
      for (let i = 0; i < 4; i += 1)
        ids.push((await aSession(database.db, { account, from: 'nowhere', on: 'curl' })).session.id)
      const body = { filter: { account: account.id, browser: 'curl' }, reason: 'stolen script' }
      expect((await call('POST', '/sessions/revoke', { ...body, dryRun: true })).json).toEqual({ count: 4 })
      expect(await names('')).toHaveLength(8)

      const done = await call('POST', '/sessions/revoke', body)
      expect(done).toMatchObject({ status: 202, json: { job: { state: 'done', ended: 4, gone: 0 } } })
      expect(await names('')).toEqual(['osaka', 'office', 'lisbon', 'berlin'])
      const events = await database.db.select().from(auditEvents).where(eq(auditEvents.accountId, account.id))
      expect(events.filter(({ action }) => action === 'sessions.revoked')).toMatchObject([
        {
          reason: 'stolen script',
          actorKind: 'key',
          targetId: done.json.job.id,
          targetName: 'browser curl, account Many Devices',
          details: { ended: 4, filter: body.filter },
        },
      ])
      for (const id of ids)
        expect((await call('GET', `/sessions/${id}`)).json.end).toMatchObject({
          reason: 'revoked',
          note: 'stolen script',
          by: { kind: 'key' },
        })
      expect((await call('GET', `/jobs/${done.json.job.id}`)).json).toEqual(done.json.job)
      expect((await call('POST', '/sessions/revoke', { ...body, expected: 4 })).json.job).toMatchObject({
        ended: 0,
        gone: 0,
        expected: 4,
        goneBefore: 4,
      })
    })
  })

  describe('accounts of apps', () => {
    const visit = { ip: null, userAgent: '' }

    test('an app’s user id names the account from its first sign-in on, and only in that app', async () => {
      const [one, two] = [await anApp(database.db), await anApp(database.db)]
      const start = async (app: string, account: object) =>
        (await call('POST', '/sessions', { app, account, client: visit })).json.session.account
      const first = await start(one, { externalId: '42', email: 'ext@example.com', name: 'Ext' })
      expect(await start(one, { externalId: '42' })).toMatchObject({ id: first.id, name: 'Ext' })
      expect((await start(two, { externalId: '42' })).id).not.toBe(first.id)
      expect((await start(two, { email: 'EXT@example.com' })).id).toBe(first.id)
    })

    test('ids that name two accounts are refused, and nothing is made', async () => {
      const app = await anApp(database.db)
      const start = (account: object) => call('POST', '/sessions', { app, account, client: visit })
      const [a, b] = [
        await start({ externalId: 'a', email: 'a@differ.example' }),
        await start({ externalId: 'b', email: 'b@differ.example' }),
      ]
      expect([a.status, b.status]).toEqual([201, 201])
      for (const account of [
        { externalId: 'a', email: 'b@differ.example' },
        { id: a.json.session.account.id, externalId: 'b' },
      ])
        expect(await start(account)).toMatchObject({
          status: 409,
          json: { type: expect.stringMatching(/accounts-differ$/) },
        })
      expect((await start({ id: '0199c3a0-0000-7000-8000-00000000dead', email: 'c@differ.example' })).status).toBe(404)
      expect((await call('GET', '/accounts?q=c@differ.example')).json.items).toEqual([])
    })

    test('many first sign-ins of one person at once make one account', async () => {
      const app = await anApp(database.db)
      const account = { externalId: 'rush', email: 'rush@example.com' }
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => call('POST', '/sessions', { app, account, client: visit })),
      )
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
      expect(new Set(answers.map(({ json }) => json.session.account.id)).size).toBe(1)
    })

    test('a sign-in from a blocked network is refused and written down', async () => {
      await call('POST', '/blocks', { network: '198.51.100.0/24', reason: 'scanner' })
      const client = { ip: '::ffff:198.51.100.7', userAgent: 'x' }
      const refused = await call('POST', '/sessions', { account: { email: 'net@example.com' }, client })
      expect(refused).toMatchObject({ status: 403, json: { type: expect.stringMatching(/blocked$/) } })
      expect((await call('GET', '/audit?action=sign-in.refused&q=net')).json.items[0]).toMatchObject({
        details: { why: 'network-blocked' },
      })
      expect((await call('GET', '/accounts?q=net@example.com')).json.items).toEqual([])
    })

    test('expiresIn shortens the session and never makes it longer than the policy', async () => {
      const lasts = async (expiresIn: number) => {
        const { session } = (
          await call('POST', '/sessions', { account: { email: 'exp@example.com' }, client: visit, expiresIn })
        ).json
        return (Date.parse(session.expiresAt) - Date.parse(session.createdAt)) / 1000
      }
      expect(await lasts(60)).toBe(60)
      expect(await lasts(300 * 86_400)).toBe(30 * 86_400)
    })
  })
})
