import { describe, expect, it } from 'vitest'
import { disableApp } from '../../../src/accounts/apps/changeApp.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { AppId } from '../../../src/db/ids.js'
import { challengeOf, offerHandOver } from '../../../src/sessions/handOver.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { parseToken } from '../../../src/sessions/token.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession, type TestAccount } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { useForwardAuth } from '../../support/forwardAuth.js'
import { aBrowserLikeClient } from '../../support/http.js'

const IP = '203.0.113.34'
const SECRET = 's'.repeat(43)

eachDatabase((database) => {
  const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.0/8' })
  const { aHost } = useForwardAuth(database, app)

  /** What a browser asks of the host, as its proxy passes it on. */
  const ask = (host: string, query: Record<string, string>, cookies: Record<string, string> = {}, ip = IP) =>
    fetch(`${app.url}/.rollcall/enter?${new URLSearchParams(query)}`, {
      redirect: 'manual',
      headers: {
        'x-forwarded-host': host,
        'x-forwarded-for': ip,
        cookie: Object.entries(cookies)
          .map(([name, value]) => `${name}=${value}`)
          .join('; '),
      },
    })

  /** A code for the browser that holds `SECRET`, by a sign-in of that person at Rollcall. */
  async function aCode(account: TestAccount, host: string, appId: AppId) {
    const { session } = await aSession(database.db, { account, ip: IP })
    return offerHandOver(database.db, session.id, { host, appId, challenge: challengeOf(SECRET) })
  }

  const set = (answer: Response, name: string) =>
    answer.headers.getSetCookie().find((line) => line.startsWith(`${name}=`)) ?? ''

  describe('the way in to a protected host', () => {
    it.each([
      ['the same person', true, 'replaced'],
      ['somebody else', false, 'signed-out'],
    ])('S-03 ends the session that the browser had there, of %s, and gives another token', async (_, same, reason) => {
      const { host, appId } = await aHost()
      const account = await anAccount(database.db)
      const before = await aSession(database.db, { app: appId, ip: IP, ...(same ? { account } : {}) })
      const cookies = { 'rollcall-app': before.token, 'rollcall-entering': SECRET }
      const entered = await ask(host, { code: await aCode(account, host, appId), return_to: '/here' }, cookies)
      expect([entered.status, entered.headers.get('location')]).toEqual([303, '/here'])
      expect(set(entered, 'rollcall-app')).toMatch(/^rollcall-app=\w/)
      expect(set(entered, 'rollcall-app')).not.toContain(before.token)
      expect((await findSession(database.db, before.session.id))?.end).toMatchObject({ reason })
    })

    it.each([
      ['as many bytes as a request may have', 'x'.repeat(12_000)],
      ['letters that are not ASCII', 'M\u00fcller'],
    ])('is open beside a cookie of the application with %s', async (_, other) => {
      const { host, appId } = await aHost()
      const code = await aCode(await anAccount(database.db), host, appId)
      const entered = await ask(host, { code, return_to: '/here' }, { name: other, 'rollcall-entering': SECRET })
      expect([entered.status, entered.headers.get('location')]).toEqual([303, '/here'])
    })

    it('uses up the secret of the browser that set out for it', async () => {
      const { host, appId } = await aHost()
      const code = await aCode(await anAccount(database.db), host, appId)
      const entered = await ask(host, { code }, { 'rollcall-entering': SECRET })
      expect(set(entered, 'rollcall-entering')).toMatch(/^rollcall-entering=; .*Max-Age=0;/)
    })

    it('sets out with the secret that the browser has, so that tabs do not void one another’s way, or a new one for what is none', async () => {
      const { host } = await aHost()
      const again = await ask(host, { return_to: '/' }, { 'rollcall-entering': SECRET })
      expect(again.headers.get('location')).toContain(`challenge=${challengeOf(SECRET)}`)
      for (const none of ['', 'short', 's'.repeat(44), `${'s'.repeat(42)}.`]) {
        const anew = await ask(host, { return_to: '/' }, { 'rollcall-entering': none })
        const [, secret = ''] = /^rollcall-entering=([^;]*)/.exec(set(anew, 'rollcall-entering')) ?? []
        expect(secret, none).toMatch(/^[\w-]{43}$/)
        expect(secret).not.toBe(none)
        expect(anew.headers.get('location')).toContain(`challenge=${challengeOf(secret)}`)
      }
    })

    it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/%2fevil.example', 'javascript:alert(1)'])(
      'S-26 leads on to a path of that host and never elsewhere: %s',
      async (return_to) => {
        const { host, appId } = await aHost()
        const out = await ask(host, { return_to })
        expect(new URL(out.headers.get('location') ?? '').searchParams.get('return_to')).toBe('/')
        const code = await aCode(await anAccount(database.db), host, appId)
        const entered = await ask(host, { code, return_to }, { 'rollcall-entering': SECRET })
        expect(entered.headers.get('location')).toBe('/')
      },
    )
  })

  it('lets nobody in from a blocked network, or where the app is switched off, and says which', async () => {
    const [one, other] = [await aHost(), await aHost()]
    await blockNetwork(database.db, { network: '198.18.42.0/24', reason: 'scanner' }, SYSTEM)
    let switchOff: () => Promise<unknown> = async () => {}
    const enter = async ({ host, appId }: typeof one, ip?: string) => {
      const code = await aCode(await anAccount(database.db), host, appId)
      await switchOff()
      const answer = await ask(host, { code }, { 'rollcall-entering': SECRET }, ip)
      expect([answer.status, set(answer, 'rollcall-app')]).toEqual([403, ''])
      return answer.text()
    }
    expect(await enter(one, '198.18.42.7')).toContain('This network is blocked')
    switchOff = () => disableApp(database.db, other.appId, null, SYSTEM)
    expect(await enter(other)).toContain('This application is switched off')
  })

  it('is not gone in a second time without a word, where somebody ended the first: the way leads to the sign-in page', async () => {
    const { host } = await aHost()
    const { token } = await aSession(database.db, { ip: IP })
    const client = aBrowserLikeClient(app.url)
    client.cookies.set('rollcall', token)
    const handOver = () =>
      client.get(`/hand-over?${new URLSearchParams({ host, return_to: '/here', challenge: challengeOf(SECRET) })}`)
    const way = new URL((await handOver()).location ?? '')
    expect([way.host, way.pathname]).toEqual([host, '/.rollcall/enter'])
    const entered = await ask(host, Object.fromEntries(way.searchParams), { 'rollcall-entering': SECRET })
    const [, inApp = ''] = /^rollcall-app=([^;]+)/.exec(set(entered, 'rollcall-app')) ?? []
    expect((await handOver()).location).toContain('/.rollcall/enter?')
    const id = parseToken(inApp)?.id ?? expect.fail('no token')
    await revokeSession(database.db, id, SYSTEM, 'stolen')
    const signIn = `/sign-in?return_to=${encodeURIComponent(`http://${host}/here`)}`
    expect((await handOver()).location).toBe(signIn)
    const page = await client.get(signIn)
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('signed out by an administrator')])
  })

  it('S-41 what another site sends signs nobody out', async () => {
    const { host, appId } = await aHost()
    const { token, session } = await aSession(database.db, { app: appId, ip: IP })
    for (const from of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: app.url }]) {
      const headers = { 'x-forwarded-host': host, cookie: `rollcall-app=${token}`, ...from }
      expect((await fetch(`${app.url}/.rollcall/sign-out`, { method: 'POST', headers })).status).toBe(403)
    }
    expect((await findSession(database.db, session.id))?.state).toBe('live')
  })

  it('S-09 the way out ends the sign-in at Rollcall that it came from: the next click would bring it back', async () => {
    const { host, appId } = await aHost()
    const from = await aSession(database.db, { ip: IP })
    const code = await offerHandOver(database.db, from.session.id, { host, appId, challenge: challengeOf(SECRET) })
    const entered = await ask(host, { code }, { 'rollcall-entering': SECRET })
    const cookie = set(entered, 'rollcall-app').split(';')[0] ?? ''
    await fetch(`${app.url}/.rollcall/sign-out`, { method: 'POST', headers: { 'x-forwarded-host': host, cookie } })
    expect((await findSession(database.db, from.session.id))?.end?.reason).toMatch(/^signed-out/)
  })

  it('S-09 the way out clears the cookie of the host and what the browser keeps of its pages', async () => {
    const { host, appId } = await aHost()
    const { token, session } = await aSession(database.db, { app: appId, ip: IP })
    const out = await fetch(`${app.url}/.rollcall/sign-out`, {
      method: 'POST',
      headers: { 'x-forwarded-host': host, cookie: `rollcall-app=${token}` },
    })
    expect([out.status, out.headers.get('clear-site-data')]).toEqual([200, '"cache"'])
    expect(set(out, 'rollcall-app')).toMatch(/^rollcall-app=; .*Max-Age=0;/)
    expect((await findSession(database.db, session.id))?.end?.reason).toBe('signed-out')
  })
})
