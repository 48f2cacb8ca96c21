import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../src/db/connect.js'
import { newId } from '../../../src/db/ids.js'
import { findSession } from '../../../src/sessions/read.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

eachDatabase((database) => {
  const app = useApp(database)
  const stateOf = async ({ session }: Awaited<ReturnType<typeof aSession>>) =>
    (await findSession(database.db, session.id))?.end?.reason ?? 'live'

  /** A person on three devices, one of them in another app, with the browser of the first. */
  const aPersonOnThree = async () => {
    const here = await aSession(database.db, { on: 'Chrome on Windows', from: 'Berlin' })
    const { account } = here
    const phone = await aSession(database.db, {
      account,
      on: 'Safari on iPhone',
      from: 'Lisbon',
      idleFor: '12 minutes',
    })
    const inApp = await aSession(database.db, { account, on: 'Firefox on Linux', app: await anApp(database.db) })
    const client = aBrowserLikeClient(app.url)
    client.cookies.set('rollcall', here.token)
    return { account, here, phone, inApp, client }
  }

  describe('your devices', () => {
    test('lists every live session of the account, this device first, in plain words', async () => {
      const { client, inApp } = await aPersonOnThree()
      const { body } = await client.get('/account/sessions')
      expect(body).toContain('Where you are signed in, 3 devices.')
      const [chrome, firefox, iphone] = ['Chrome on Windows', 'Firefox on Linux', 'Safari on iPhone'].map((name) =>
        body.indexOf(`>${name}<`),
      )
      expect(chrome).toBeGreaterThan(0)
      expect(firefox).toBeGreaterThan(chrome ?? 0)
      expect(iphone).toBeGreaterThan(firefox ?? 0)
      expect(body.match(/This device/g)).toHaveLength(1)
      expect(body).toContain('Lisbon, PT')
      expect(body).toContain('12 minutes ago')
      expect(body).toContain(`for ${inApp.session.app.name}.`)
    })

    test('an ended one is not there any more', async () => {
      const { client, phone } = await aPersonOnThree()
      await client.post(`/account/sessions/${phone.session.id}/revoke`)
      expect((await client.get('/account/sessions')).body).not.toContain('Safari on iPhone')
    })

    test('signs one out at once, and says so', async () => {
      const { client, phone, here } = await aPersonOnThree()
      const answer = await client.post(`/account/sessions/${phone.session.id}/revoke`)
      expect(answer.location).toBe('/account/sessions')
      expect((await client.follow(answer)).body).toContain('The device is signed out')
      expect(await stateOf(phone)).toBe('signed-out-elsewhere')
      expect(await stateOf(here)).toBe('live')
    })

    test('signs one of another app out too', async () => {
      const { client, inApp } = await aPersonOnThree()
      await client.post(`/account/sessions/${inApp.session.id}/revoke`)
      expect(await stateOf(inApp)).toBe('signed-out-elsewhere')
    })

    test('signs all others out, after a page that says how many', async () => {
      const { client, here, phone, inApp } = await aPersonOnThree()
      expect((await client.get('/account/sessions/revoke-others')).body).toContain('Sign out 2 other devices?')
      const answer = await client.post('/account/sessions/revoke-others')
      expect((await client.follow(answer)).body).toContain('2 other devices are signed out')
      expect([await stateOf(here), await stateOf(phone), await stateOf(inApp)]).toEqual([
        'live',
        'signed-out-elsewhere',
        'signed-out-elsewhere',
      ])
    })

    test('"I don’t recognise this" ends it, writes down why, and leads to a new password', async () => {
      const { client, phone } = await aPersonOnThree()
      const answer = await client.post(`/account/sessions/${phone.session.id}/revoke`, NOT_RECOGNISED)
      expect(answer.location).toBe('/account/security')
      const page = await client.follow(answer)
      expect(page.body).toContain('Somebody may know your password.')
      expect((await findSession(database.db, phone.session.id))?.end?.note).toBe('Not recognised by the person')
      const audited = rowsOf<{ reason: string }>(
        await database.db.execute(sql`select reason from audit_events where session_id = ${phone.session.id}
          and action in ('session.ended', 'detection.opened') order by action`),
      )
      expect(audited).toEqual([{ reason: null }, { reason: 'Not recognised by the person' }])
    })

    test('this device signs out as by the button at the top', async () => {
      const { client, here } = await aPersonOnThree()
      const answer = await client.post(`/account/sessions/${here.session.id}/revoke`)
      expect(answer.location).toBe('/sign-in')
      expect(answer.headers.get('clear-site-data')).toContain('"cache"')
      expect(client.cookies.has('rollcall')).toBe(false)
      expect(await stateOf(here)).toBe('signed-out')
    })

    test('a dialog’s form is told by htmx to take the whole page on', async () => {
      const { client } = await aPersonOnThree()
      const answer = await client.post('/account/sessions/revoke-others', {}, { 'hx-request': 'true' })
      expect([answer.status, answer.headers.get('hx-redirect')]).toEqual([204, '/account/sessions'])
    })
  })

  describe('S-34 a person sees and ends only their own sessions', () => {
    test('S-34 another’s session is not listed, and its id answers like one that never was', async () => {
      const { client } = await aPersonOnThree()
      const other = await aSession(database.db, { on: 'Edge on Windows' })
      expect((await client.get('/account/sessions')).body).not.toContain(other.session.id)
      const plain = (body: string) => body.replaceAll(/nonce="[^"]+"|<span class="mono wrap">[^<]+/g, '')
      for (const form of [{}, NOT_RECOGNISED]) {
        const theirs = await client.post(`/account/sessions/${other.session.id}/revoke`, form)
        const nobodys = await client.post(`/account/sessions/${newId()}/revoke`, form)
        expect([theirs.status, nobodys.status]).toEqual([404, 404])
        expect(plain(theirs.body)).toBe(plain(nobodys.body))
      }
      expect(await stateOf(other)).toBe('live')
    })

    test('S-34 an owner has no more here than anybody', async () => {
      const owner = await anAccount(database.db, { role: 'owner' })
      const { token } = await aSession(database.db, { account: owner })
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      const other = await aSession(database.db)
      for (const form of [{}, NOT_RECOGNISED])
        expect((await client.post(`/account/sessions/${other.session.id}/revoke`, form)).status).toBe(404)
      expect(await stateOf(other)).toBe('live')
    })

    test('S-34 "all other devices" are the person’s own', async () => {
      const { client } = await aPersonOnThree()
      const other = await aSession(database.db)
      await client.post('/account/sessions/revoke-others')
      expect(await stateOf(other)).toBe('live')
    })

    test('S-34 what is no id is not found either', async () => {
      const { client } = await aPersonOnThree()
      for (const id of ['x', '1', '%00', '..%2f', `${newId()}x`, 'null'])
        expect((await client.post(`/account/sessions/${id}/revoke`)).status, id).toBe(404)
    })
  })

  describe('S-17 the stream of an open page', () => {
    test('S-17 hears of the end of its session, and closes', async () => {
      const { client, account, here, phone } = await aPersonOnThree()
      const read = reader(await client.fetch('/account/stream', EVENTS))
      await read('event: here')
      await aSession(database.db, { account })
      await read('event: sessions')

      const elsewhere = aBrowserLikeClient(app.url)
      elsewhere.cookies.set('rollcall', phone.token)
      await elsewhere.post(`/account/sessions/${here.session.id}/revoke`)
      await read('event: ended\ndata: {"reason":"signed-out-elsewhere"}')
      await read.end()
    })

    test('S-34 hears of the own account alone', async () => {
      const [one, other] = [await aPersonOnThree(), await aPersonOnThree()]
      const ours = reader(await one.client.fetch('/account/stream', EVENTS))
      await ours('event: here')
      const theirs = reader(await other.client.fetch('/account/stream', EVENTS))
      // Each stream speaks once a second at most: what they heard twice, we would have been told by now.
      for (const heard of [1, 2]) {
        await aSession(database.db, { account: other.account })
        await theirs('event: sessions', heard)
      }
      await one.client.post(`/account/sessions/${one.here.session.id}/revoke`)
      await ours('event: ended')
      expect(ours.sofar()).not.toContain('event: sessions')
      await other.client.post('/sign-out')
    })
  })
})

const NOT_RECOGNISED = { why: 'not-recognised' }
const EVENTS = { headers: { accept: 'text/event-stream' } }

/** Reads a stream until it holds a text, and to its end. */
function reader(response: Response) {
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const read = async (wanted: string, times = 1) => {
    while (text.split(wanted).length <= times) {
      const chunk = await chunks?.read()
      if (!chunk || chunk.done) throw new Error(`the stream ended before ${wanted}:\n${text}`)
      text += chunk.value
    }
  }
  return Object.assign(read, {
    sofar: () => text,
    end: async () => {
      while (!(await chunks?.read())?.done) {}
    },
  })
}
