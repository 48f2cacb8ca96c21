import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../src/db/connect.js'
import { findSession } from '../../../src/sessions/read.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type Visit } from '../../support/http.js'

const PRESENT = 'seven purple bicycles'
const NEXT = 'eleven silent trombones'

eachDatabase((database) => {
  const app = useApp(database)

  const aPersonOnTwo = async () => {
    const account = await anAccount(database.db, { password: PRESENT })
    const other = await aSession(database.db, { account, on: 'Safari on iPhone' })
    const client = aBrowserLikeClient(app.url)
    await client.post('/sign-in', { email: account.email, password: PRESENT })
    const canSignIn = async (password: string) => {
      const answer = await aBrowserLikeClient(app.url).post('/sign-in', { email: account.email, password })
      return answer.status === 303
    }
    const otherEnd = async () => (await findSession(database.db, other.session.id))?.end?.reason ?? 'live'
    return { account, client, canSignIn, otherEnd }
  }

  describe('S-27 a change of password', () => {
    test('S-27 needs the present one; a wrong one changes nothing and is written down', async () => {
      const { account, client, canSignIn, otherEnd } = await aPersonOnTwo()
      const token = client.cookies.get('rollcall')
      const form = { present: 'wrong', next: NEXT, sign_out_others: 'on' }
      const wrong = await client.post('/account/security', form)
      expect([wrong.status, wrong.body]).toEqual([422, expect.stringContaining('This is not your present password')])
      expect(wrong.body).toContain('A change was refused')
      expect(client.cookies.get('rollcall')).toBe(token)
      expect(await otherEnd()).toBe('live')
      expect(await canSignIn(PRESENT)).toBe(true)
      const audited = rowsOf(
        await database.db.execute(sql`select result from audit_events where account_id = ${account.id}
          and action = 'account.password-changed'`),
      )
      expect(audited).toEqual([{ result: 'refused' }])
    })

    test('S-27 signs the other devices out, ticked as it comes', async () => {
      const { client, canSignIn, otherEnd } = await aPersonOnTwo()
      expect((await client.get('/account/security')).body).toMatch(/name="sign_out_others"[^>]* checked/)
      const changed = await client.post('/account/security', { present: PRESENT, next: NEXT, sign_out_others: 'on' })
      expect(changed.location).toBe('/account/security')
      const page = await client.follow(changed)
      expect(page.body).toContain('Your password is changed')
      expect(page.body).toContain('One other device is signed out.')
      expect(page.body).toContain('Password changed')
      expect(await otherEnd()).toBe('password-changed')
      expect([await canSignIn(PRESENT), await canSignIn(NEXT)]).toEqual([false, true])
    })

    test('S-27 leaves them when the person takes the tick away', async () => {
      const { client, otherEnd } = await aPersonOnTwo()
      await client.post('/account/security', { present: PRESENT, next: NEXT })
      expect(await otherEnd()).toBe('live')
    })

    test('S-03 gives the present session a new token; the old one is dead', async () => {
      const { client } = await aPersonOnTwo()
      const before = client.cookies.get('rollcall') ?? ''
      await client.post('/account/security', { present: PRESENT, next: NEXT })
      expect(client.cookies.get('rollcall')).not.toBe(before)
      expect((await client.get('/account')).status).toBe(200)
      client.cookies.set('rollcall', before)
      expect((await client.get('/account')).status).toBe(303)
    })

    test('S-27 a weak one is refused beside its field, in words', async () => {
      const { client, canSignIn } = await aPersonOnTwo()
      for (const [next, words] of [
        ['', 'Enter a new password.'],
        ['short', 'at least 12'],
        [PRESENT, 'The new password is the present one'],
      ] as const) {
        const answer = await client.post('/account/security', { present: PRESENT, next })
        expect([answer.status, answer.body]).toEqual([422, expect.stringContaining(words)])
      }
      expect(await canSignIn(PRESENT)).toBe(true)
    })

    test('S-27 guessing at it in a stolen session is slowed down', async () => {
      const { client } = await aPersonOnTwo()
      let last: Visit | undefined
      for (let tries = 0; tries < 40 && last?.status !== 429; tries += 1) {
        last = await client.post('/account/security', { present: `guess ${tries}`, next: NEXT })
      }
      expect(last?.body).toMatch(/Too many attempts\. Try again in \d+ /)
      expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    })

    test('S-27 is for who is signed in', async () => {
      const answer = await aBrowserLikeClient(app.url).post('/account/security', { present: PRESENT, next: NEXT })
      expect(answer.location).toBe('/sign-in')
    })
  })
})
