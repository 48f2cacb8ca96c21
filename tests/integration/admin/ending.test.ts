import { eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { listAudit } from '../../../src/audit/list.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { newId } from '../../../src/db/ids.js'
import { endings, jobs } from '../../../src/db/schema.js'
import { markEndings } from '../../../src/sessions/many/markEndings.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner, aSession, OWNER_PASSWORD, type TestAccount } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
import { multiply } from '../../support/manySessions.js'
import { aKey, send } from '../api/client.js'
import { said, signedIn, textOf } from './signedIn.js'

eachKindOfDatabase((database) => {
  const app = useApp(database)
  let owner: TestAccount
  let ada: BrowserLikeClient

  beforeEach(async () => {
    owner = await anOwner(database.db, { name: 'Ada Byrne' })
    ada = await signedIn(database.db, app.url, owner)
  })

  const isIn = async (client: BrowserLikeClient) => (await client.get('/account/sessions')).status === 200

  describe('an end that an app told of', () => {
    it.each([
      ['signed-out', 'Signed out in'],
      ['replaced', 'Replaced by a newer sign-in in'],
    ])('%s is said with the app: in the list, the session and the account', async (why, words) => {
      const { db } = database
      const name = `Shop ${newId()}`
      const appId = await anApp(db, { name })
      const { secret: key } = await aKey(db, { app: appId, scopes: ['sessions:write'] })
      const { session, account } = await aSession(db, { app: appId })
      expect((await send(app.url, 'DELETE', `/sessions/${session.id}?why=${why}`, { key })).status).toBe(200)
      for (const path of ['sessions?state=ended', `sessions/${session.id}`, `accounts/${account.id}`])
        expect(textOf((await ada.get(`/admin/${path}`)).body), path).toContain(`${words} ${name}`)
    })
  })

  describe('a selection', () => {
    it('whose sessions a colleague signed out meanwhile ends nothing, and says so in these words', async () => {
      const { db } = database
      const [one, two] = [await aSession(db, {}), await aSession(db, {})]
      const selected = [one.session.id, two.session.id]
      for (const id of selected) await revokeSession(db, id, SYSTEM, null)
      const answer = await ada.post('/admin/sessions/revoke', { session: selected })
      expect(await said(ada, answer.location ?? '')).toBe('Nobody was signed out 2 sessions had ended already.')
    })
  })

  describe('the page of the kill switch', () => {
    const KILL = '/admin/kill-switch'
    const right = { reason: 'breach', confirm: 'everyone', password: OWNER_PASSWORD }

    it('says what will happen, how many it hits, and that one’s own session is left out', async () => {
      const { db } = database
      await db.execute(sql`update sessions set ended_at = now(), end_reason = 'revoked' where ended_at is null`)
      const here = await signedIn(db, app.url, owner)
      const person = await anAccount(db)
      await aSession(db, { account: person })
      await aSession(db, { account: person })
      const text = textOf((await here.get(KILL)).body)
      expect(text).toContain('Ends 2 sessions of 1 person in every app.')
      expect(text).toMatch(/Left out Your own session \(.+?\), unless you tick “Also sign me out”\./)
      expect(textOf((await here.get('/admin/sessions')).body)).toContain('Sign out everyone…')
    })

    it('signs everyone else out and goes on to how far the rows are marked, with the receipt', async () => {
      const { db } = database
      const other = await signedIn(db, app.url, await anAccount(db))
      const answer = await ada.post(KILL, right)
      expect(answer.status).toBe(303)
      expect(await isIn(other)).toBe(false)
      const job = answer.location ?? ''
      expect(await said(ada, job)).toMatch(/^Everyone is signed out \d+ sessions? ended\. People can sign in again\.$/)
      const text = textOf((await ada.get(job)).body)
      expect(text).toMatch(/Sign-out of everyone .*Refused on this node.* By Ada Byrne .*Reason breach/)
      expect(textOf((await ada.get('/admin/jobs')).body)).toContain('Sign-out of everyone breach Ada Byrne')
    })

    it('shows how far a large one is, to whoever leaves and comes back, until all rows are marked', async () => {
      const { db } = database
      const [first] = await ada.post(KILL, right).then(() => db.select().from(endings).orderBy(sql`at desc`).limit(1))
      const job = `/admin/jobs/${first?.id}`
      const where = sql`id = ${first?.id}`
      // The process under test marks in the background: one look between two of its rounds is enough.
      const open = async () => {
        await db.update(endings).set({ doneAt: null, marked: 1_000 }).where(where)
        return textOf((await ada.get(job)).body)
      }
      await expect
        .poll(open, { timeout: 30_000 })
        .toMatch(/1,000 rows marked\. All of these sessions are refused already\..*Look again/)
      // Where the server is at it, this call has nothing to do.
      await markEndings(db)
      await expect.poll(async () => textOf((await ada.get(job)).body), { timeout: 30_000 }).toContain('Result Done')
    })

    it('of one app leaves the other apps alone, the owner’s own session among them', async () => {
      const { db } = database
      const id = await anApp(db, { name: 'Ledger' })
      const inside = await aSession(db, { app: id })
      const outside = await signedIn(db, app.url, await anAccount(db))
      const page = textOf((await ada.get(`${KILL}?app=${id}`)).body)
      expect(page).toContain('Ends 1 session of 1 person in Ledger.')
      expect(page).toContain('Sessions in other apps, yours here among them.')
      const answer = await ada.post(KILL, { ...right, app: id, confirm: 'Ledger', also_me: 'on' })
      expect(await said(ada, answer.location ?? '')).toMatch(/^Everyone is signed out of Ledger 1 session ended\./)
      expect(await isIn(outside)).toBe(true)
      expect(await app.services.verifier.verify(inside.token)).toEqual({ status: 'denied', reason: 'ended' })
    })

    it('signs its owner out too when asked to', async () => {
      const answer = await ada.post(KILL, { ...right, also_me: 'on' })
      expect(answer.location).toBe('/sign-in')
      expect(await isIn(ada)).toBe(false)
    })

    it.each([
      ['no reason', { reason: ' ' }, 'Say why: the audit log keeps it.'],
      ['another name', { confirm: 'everyon' }, 'Type everyone as it is written here.'],
      ['a wrong password', { password: 'wrong horse' }, 'This is not your password. Nothing was changed.'],
    ])('S-36 does nothing with %s, and says so beside the field', async (_, wrong, message) => {
      const other = await signedIn(database.db, app.url, await anAccount(database.db))
      const answer = await ada.post(KILL, { ...right, ...wrong })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toContain(message)
      expect(answer.body).not.toContain('wrong horse')
      expect(await isIn(other)).toBe(true)
    })

    it('S-27 limits guesses at the password by themselves, and writes them down', async () => {
      const { db } = database
      const wrong = { ...right, password: 'wrong horse' }
      let answer = await ada.post(KILL, wrong)
      for (let guess = 1; guess < 15 && answer.status === 422; guess++) answer = await ada.post(KILL, wrong)
      expect(answer.status).toBe(429)
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
      const { items } = await listAudit(db, { actor: owner.id, action: 'killswitch.used', result: 'refused' })
      expect(new Set(items.map(({ details }) => details['why']))).toEqual(new Set(['wrong-password', 'limited']))
    })

    it('S-35 is for owners alone', async () => {
      const { db } = database
      const responder = await signedIn(db, app.url, await anAccount(db, { role: 'responder' }))
      expect((await responder.get(KILL)).status).toBe(403)
      expect((await responder.post(KILL, right)).status).toBe(403)
      expect(textOf((await responder.get('/admin/sessions')).body)).not.toContain('Sign out everyone')
    })
  })

  describe('signing out all that match', () => {
    const MATCHING = '/admin/sessions/revoke-matching'
    const NET = '198.51.100.0/24'

    /** People on one network; their filter finds nobody else. */
    async function onNetwork(n: number) {
      const { db } = database
      await db.execute(sql`update sessions set ended_at = now(), end_reason = 'revoked'
        where ended_at is null and ip <<= ${NET}::inet`)
      const people = []
      for (let i = 0; i < n; i++)
        people.push(
          await aSession(db, { account: await anAccount(db, { name: `Nia ${i}` }), ip: `198.51.100.${i + 1}` }),
        )
      return people
    }

    it('shows how many that is, who is among them, and what happens, before anything is done', async () => {
      await onNetwork(10)
      const text = textOf((await ada.get(`${MATCHING}?ip=${NET}`)).body)
      expect(text).toContain(`Sign out 10 sessions? All that match network ${NET} now, of 10 people.`)
      expect(text).toContain('They can sign in again; block accounts or the network if they should not.')
      expect(text).toMatch(/Nia 9 · .* and 2 more/)
      expect(text).not.toContain('to confirm')
    })

    it('S-74 has one filter of an admin counted at a time; of those that wait the last one is shown', async () => {
      await onNetwork(2)
      const show = () => ada.get(`${MATCHING}?ip=${NET}`)
      let release = () => {}
      const underWay = app.services.previews.take(owner.id, () => new Promise<void>((done) => (release = done)))
      const first = show()
      // Whichever of the two reaches the server last takes the other's place.
      const second = show()
      const gaveWay = await Promise.race([first, second])
      expect(gaveWay.status).toBe(429)
      expect(textOf(gaveWay.body)).toContain('You have looked at another filter since')
      release()
      await underWay
      const shown = (await Promise.all([first, second])).find(({ status }) => status === 200)
      expect(textOf(shown?.body ?? '')).toContain('Sign out 2 sessions?')
    })

    it('signs them out, says so with the receipt, and its page has the result for whoever comes back', async () => {
      const people = await onNetwork(3)
      const answer = await ada.post(MATCHING, { ip: NET, previewed: '3', reason: 'a proxy' })
      expect(answer.status).toBe(303)
      for (const { token } of people)
        expect(await app.services.verifier.verify(token)).toEqual({ status: 'denied', reason: 'ended' })
      const path = answer.location ?? ''
      expect(await said(ada, path)).toBe(
        `3 sessions signed out All that matched network ${NET}. They can sign in again.`,
      )
      const text = textOf((await ada.get(path)).body)
      expect(text).toMatch(
        /Refused on this node.* By Ada Byrne .* Reason a proxy Result Done Signed out 3 Already gone None/,
      )
      expect(text).toContain('In the preview 3 sessions')
      expect(textOf((await ada.get('/admin/audit')).body)).toContain(`signed out 3 sessions: network ${NET}`)
    })

    it('tells the second of two admins that there was nobody left, and who had gone', async () => {
      await onNetwork(3)
      const form = { ip: NET, previewed: '3', reason: 'a proxy' }
      await ada.post(MATCHING, form)
      const path = (await ada.post(MATCHING, form)).location ?? ''
      expect(await said(ada, path)).toBe(
        'Nobody was signed out Nobody was left to sign out: all 3 in the preview had gone before.',
      )
      const text = textOf((await ada.get(path)).body)
      expect(text).toContain('Nobody was left to sign out: all 3 in the preview had gone before. By Ada')
      expect(text).toContain(
        'Signed out 0 Already gone All 3 in the preview, ended by themselves or by somebody else Left alone None',
      )
      expect(text).not.toMatch(/Refused|receipts/)
    })

    it('tells whoever came late how many of those they saw had gone at least', async () => {
      const [first] = await onNetwork(4)
      if (first) await revokeSession(database.db, first.session.id, SYSTEM, null)
      const answer = await ada.post(MATCHING, { ip: NET, previewed: '4', reason: 'a proxy' })
      expect(await said(ada, answer.location ?? '')).toContain('At least 1 other of the preview had ended already.')
      const text = textOf((await ada.get(answer.location ?? '')).body)
      expect(text).toContain('Signed out 3 Already gone At least 1 of those in the preview, ended by themselves')
    })

    it('does not say that nobody had gone where more matched than were seen', async () => {
      await onNetwork(3)
      const { location } = await ada.post(MATCHING, { ip: NET, previewed: '2', reason: 'a proxy' })
      const text = textOf((await ada.get(location ?? '')).body)
      expect(text).toContain('Signed out 3 Already gone Not to be told: more matched than in the preview')
    })

    it('wants the number typed above a hundred, grouped or not', async () => {
      const { db } = database
      const [first] = await onNetwork(1)
      if (first) await multiply(db, first.session, 119)
      expect(textOf((await ada.get(`${MATCHING}?ip=${NET}`)).body)).toContain('Type 120 to confirm')
      const form = { ip: NET, previewed: '120', reason: 'a proxy' }
      for (const typed of ['', '12', 'all']) {
        const answer = await ada.post(MATCHING, { ...form, typed })
        expect(answer.status).toBe(422)
        expect(textOf(answer.body)).toContain('Type the number that is shown above.')
      }
      expect((await ada.post(MATCHING, { ...form, typed: ' 120 ' })).status).toBe(303)
    })

    it('ends nothing when many more match than were looked at, and shows them anew', async () => {
      const people = await onNetwork(1)
      const [first] = people
      if (first) await multiply(database.db, first.session, 79)
      const answer = await ada.post(MATCHING, { ip: NET, previewed: '1', reason: 'a proxy' })
      expect(answer.status).toBe(422)
      expect(textOf(answer.body)).toMatch(
        /Sign out 80 sessions\?.*Many more match now than when you looked\. Nothing was changed/,
      )
      expect((await app.services.verifier.verify(first?.token ?? '')).status).toBe('active')
    })

    it.each(['', '?app=00000000-0000-7000-8000-000000000001', '?version=98'])(
      'refuses a filter that is none (%s), and leads to the kill switch',
      async (query) => {
        const answer = await ada.get(MATCHING + query)
        expect(answer.status).toBe(422)
        expect(textOf(answer.body)).toContain('This would be everyone')
        expect(answer.body).toContain('/admin/kill-switch')
        expect((await ada.post(MATCHING, { previewed: '5', reason: 'r' })).status).toBe(422)
      },
    )

    it('leaves one’s own session alone unless asked, and says so', async () => {
      const { db } = database
      await onNetwork(2)
      await db.execute(sql`update sessions set ip = '198.51.100.9' where account_id = ${owner.id}`)
      const page = textOf((await ada.get(`${MATCHING}?ip=${NET}`)).body)
      expect(page).toContain('Sign out 2 sessions?')
      expect(page).toContain('Also sign me out Your own session matches, and is left alone otherwise.')
      const form = { ip: NET, previewed: '2', reason: 'r' }
      const answer = await ada.post(MATCHING, form)
      expect(textOf((await ada.get(answer.location ?? '')).body)).toContain('Left alone the author’s own session')
      expect((await ada.post(MATCHING, { ...form, previewed: '0', also_me: 'on' })).location).toBe('/sign-in')
      expect(await isIn(ada)).toBe(false)
    })

    it('says that nothing matches, and how to widen it', async () => {
      await onNetwork(0)
      expect(textOf((await ada.get(`${MATCHING}?ip=${NET}`)).body)).toContain(
        `No live session matches network ${NET}. Take a filter off to find more.`,
      )
    })

    it('is offered where a filter is set, and from a session for its network, browser and country', async () => {
      const { db } = database
      const { session } = await aSession(db, { from: 'Berlin', on: 'Chrome on Windows' })
      const sheet = (await ada.get(`/admin/sessions/${session.id}`)).body
      for (const query of [/\?ip=[^"]+%2F24"/, /\?browser=Chrome&(amp;)?version=\d+"/, /\?country=DE"/])
        expect(sheet).toMatch(new RegExp(`/admin/sessions/revoke-matching${query.source}`))
      expect((await ada.get('/admin/sessions?country=DE')).body).toMatch(/revoke-matching\?country=DE/)
      expect((await ada.get('/admin/sessions')).body).not.toContain('revoke-matching')
    })

    it('whoever left a large one that is paused finds it over the list, and resumes it', async () => {
      const { db } = database
      const [first] = await onNetwork(1)
      if (first) await multiply(db, first.session, 1_599)
      await db.transaction(async (tx) => {
        await revokeMatching(tx, { ip: NET }, SYSTEM, 'a proxy')
        await tx.update(jobs).set({ state: 'paused' }).where(eq(jobs.total, 1_600))
      })
      expect(await app.services.verifier.verify(first?.token ?? '')).toEqual({ status: 'denied', reason: 'ended' })
      const list = (await ada.get('/admin/sessions')).body
      expect(textOf(list)).toContain(`Sign-out of network ${NET}: 0 of 1,600 rows marked, paused See how far it is`)
      const path = /\/admin\/jobs\/[0-9a-f-]+/.exec(list)?.[0] ?? ''
      const paused = textOf((await ada.get(path)).body)
      expect(paused).toMatch(
        /Progress Paused .*Still to mark 1,600.*All of these sessions stay refused\..* Resume marking/,
      )
      await ada.post(`${path}/pause`)
      expect(await said(ada, path), 'it is already').toBe('Nothing was changed')
      expect((await ada.post(`${path}/resume`)).location).toBe(path)
      const text = async () => textOf((await ada.get(path)).body)
      await expect.poll(text, { timeout: 30_000 }).toContain('Signed out 1,600')
    })

    it('S-35 is for responders and owners', async () => {
      const viewer = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'viewer' }))
      expect((await viewer.get(`${MATCHING}?country=DE`)).status).toBe(403)
      expect((await viewer.post(MATCHING, { country: 'DE', previewed: '1', reason: 'r' })).status).toBe(403)
    })
  })
})
