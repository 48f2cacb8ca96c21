import { beforeAll, describe, expect, it } from 'vitest'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../../support/http.js'

describe('what is sent to pages', () => {
  oneDatabase((database) => {
    const app = useApp(database)
    let owner: BrowserLikeClient

    beforeAll(async () => {
      const account = await anAccount(database.db, { role: 'owner' })
      const { token } = await aSession(database.db, { account, ip: '127.0.0.1' })
      owner = aBrowserLikeClient(app.url)
      owner.cookies.set('rollcall', token)
    })

    it.each([
      ['one name over and over', 'a&'.repeat(32_700)],
      ['a name each', Array.from({ length: 501 }, (_, i) => `f${i}=x`).join('&')],
    ])('S-53 a form with more than 500 fields, %s, is refused by their number', async (_, body) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await owner.fetch('/admin/sessions/revoke', { method: 'POST', body, headers })
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain('at most 500 are read')
    })

    it.each([
      ['not divided as it says', 'multipart/form-data; boundary=x', 'email=a&password=b'],
      ['divided by nothing', 'multipart/form-data', 'email=a&password=b'],
      ['cut off', 'multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na'],
      ['empty', 'multipart/form-data; boundary=x', ''],
    ])('S-53 a form that is %s is refused in words, and is no fault of ours', async (_, type, body) => {
      for (const path of ['/sign-in', '/theme', '/admin/blocks/import']) {
        const answer = await owner.fetch(path, { method: 'POST', body, headers: { 'content-type': type } })
        expect(answer.status, path).toBe(400)
        expect(await answer.text(), path).toContain('The form can’t be read')
      }
      expect(app.log()).not.toContain('unexpected error')
    })

    it('S-53 a form whose length is not said is cut off where it is too large', async () => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`--x\r\n${'y'.repeat(70_000)}`))
          controller.close()
        },
      })
      const headers = { 'content-type': 'multipart/form-data; boundary=x' }
      const answer = await owner.fetch('/sign-in', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
      expect(answer.status).toBe(413)
    })

    it('S-53 the largest form that a page of ours makes is read', async () => {
      const session = Array.from({ length: 200 }, (_, i) => `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`)
      expect((await owner.post('/admin/sessions/revoke', { session, reason: '' })).status).toBe(303)
    })

    it('S-56 a range that the overview does not have is refused, and said beside its name', async () => {
      for (const range of ['7d', '30d', '24h']) expect((await owner.get(`/admin?range=${range}`)).status).toBe(200)
      const answer = await owner.get('/admin?range=99y')
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('must be 24h, 7d or 30d')])
    })

    it.each(['/admin/sessions?since=', '/admin/audit?since=', '/admin/audit?until='])(
      'S-56 %s a time that no calendar of the database has is refused',
      async (path) => {
        for (const time of [
          '0000-01-01T00:00:00Z',
          '1969-12-31T23:59:59Z',
          '2200-01-01T00:00:00Z',
          '9999-12-31T23:59:59Z',
        ]) {
          const answer = await owner.get(path + time)
          expect([answer.status, answer.body], time).toEqual([
            400,
            expect.stringContaining('must lie between 1970 and 2200'),
          ])
        }
        for (const time of ['1970-01-01T00:00:00Z', '2199-12-31T23:59:59%2B02:00'])
          expect((await owner.get(path + time)).status, time).toBe(200)
      },
    )
  })
})
