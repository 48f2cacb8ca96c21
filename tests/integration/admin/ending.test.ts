import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { listAudit } from '../../../src/audit/list.js'
import { endings } from '../../../src/db/schema.js'
import { markEndings } from '../../../src/sessions/markEndings.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner, aSession, OWNER_PASSWORD, type TestAccount } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import type { BrowserLikeClient } from '../../support/http.js'
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
      expect(text).toMatch(/Sign-out of everyone Done .*Refused on this node.* By Ada Byrne .*Reason breach/)
      expect(textOf((await ada.get('/admin/jobs')).body)).toContain('Sign-out of everyone breach Ada Byrne')
    })

    it('shows how far a large one is, to whoever leaves and comes back, until all rows are marked', async () => {
      const { db } = database
      const [first] = await ada.post(KILL, right).then(() => db.select().from(endings).orderBy(sql`at desc`).limit(1))
      const job = `/admin/jobs/${first?.id}`
      const where = sql`id = ${first?.id}`
      await db.update(endings).set({ doneAt: null, marked: 1_000 }).where(where)
      const open = (await ada.get(job)).body
      expect(textOf(open)).toContain('1,000 rows marked so far. All of these sessions are refused already')
      expect(open).toContain('Look again')
      await markEndings(db)
      expect(textOf((await ada.get(job)).body)).toContain('Sign-out of everyone Done')
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
    ])('does nothing with %s, and says so beside the field', async (_, wrong, message) => {
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
      expect((await ada.post(KILL, right)).status, 'the right one has to wait too').toBe(429)
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
})
