import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { SessionId } from '../../../src/db/ids.js'
import { sessions } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { type AccountOptions, anAccount, anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { type Answered, anHttpsClient } from '../../support/httpsClient.js'
import { useProtectedWiki } from '../../support/protectedWiki.js'
import { PROXIES } from '../../support/reverseProxy.js'

const PASSWORD = 'seven purple bicycles'
const COOKIE = '__Host-rollcall-app'
type Client = ReturnType<typeof anHttpsClient>

describe.each(PROXIES)('an application behind %s', (proxy) => {
  oneDatabase((database) => {
    const world = useProtectedWiki(database, proxy)
    const nudge = () => world.app.services.node.engine.follower.nudge()
    const aPerson = (options: AccountOptions = {}) => anAccount(database.db, { password: PASSWORD, ...options })
    const toldBy = ({ body }: Answered): Record<string, string> =>
      JSON.parse(/<pre>(.*)<\/pre>/.exec(body)?.[1] ?? '{}')

    /** Somebody who has opened the wiki, and their session there. */
    async function inside(options: AccountOptions = {}) {
      const account = await aPerson(options)
      const client = anHttpsClient()
      const page = await signIn(client, account.email, '/')
      const id = toldBy(page)['x-rollcall-session'] as SessionId
      return { account, client, id }
    }

    async function signIn(client: Client, email: string, path: string) {
      const form = await follow(client, await client.open(world.wiki + path), world.wiki + path)
      const return_to = new URL(form.url).searchParams.get('return_to') ?? ''
      const sent = await client.post(`${world.rollcall}/sign-in`, { email, password: PASSWORD, return_to })
      return follow(client, sent, `${world.rollcall}/sign-in`)
    }

    test('a browser is sent to sign in, and back to where it was, as a session of that app', async () => {
      const account = await aPerson({ name: 'Priya Raman' })
      const client = anHttpsClient()
      const back = `${world.wiki}/page?of=mine&b=%C3%A9`
      const sent = await client.open(back)
      expect(sent.status).toBe(302)
      expect(sent.location).toBe(`${world.rollcall}/sign-in?return_to=${encodeURIComponent(back)}`)

      const form = await anHttpsClient().open(sent.location ?? '')
      expect(form.body, 'says whose page it is').toContain(`Then you go on to ${new URL(world.wiki).host}.`)

      const page = await signIn(client, account.email, '/page?of=mine')
      expect(page.url).toBe(`${world.wiki}/page?of=mine`)
      expect(page.body).toContain('Wiki /page?of=mine')
      const told = toldBy(page)
      expect(told).toMatchObject({
        'x-rollcall-account': account.id,
        'x-rollcall-email': account.email,
        'x-rollcall-roles': 'person',
      })
      const session = await findSession(database.db, told['x-rollcall-session'] as SessionId)
      expect(session).toMatchObject({ state: 'live', app: { name: 'Wiki' }, ip: '127.0.0.1', method: 'rollcall' })
      expect(session?.device).toMatchObject({ browser: 'Firefox', os: 'Linux' })
      expect([...client.cookies(new URL(world.wiki).host).keys()], 'bound to that host').toEqual([COOKIE])
      expect([...client.cookies(new URL(world.rollcall).host).keys()]).not.toContain(COOKIE)
    })

    test('a host that is protected as one of a wildcard leads in and out again, and back to itself alone', async () => {
      const { port } = new URL(world.wiki)
      await world.change({ host: `*.example.com:${port}` })
      const { client } = await inside()
      expect((await client.open(`${world.wiki}/here`)).body).toContain('Wiki /here')
      for (const elsewhere of [
        `https://a.b.example.com:${port}/`,
        'https://evil.example/',
        `${world.rollcall}/.rollcall/`,
      ]) {
        const form = await anHttpsClient().open(`${world.rollcall}/sign-in?return_to=${encodeURIComponent(elsewhere)}`)
        expect(form.body, elsewhere).not.toContain('name="return_to"')
        expect(form.body, elsewhere).not.toContain('Then you go on')
      }
      expect((await client.open(`${world.wiki}/.rollcall/sign-out`)).body).toContain(`Back to wiki.example.com:${port}`)
      await client.post(`${world.wiki}/.rollcall/sign-out`, {})
      expect((await client.fetch(`${world.wiki}/`)).status).toBe(401)
      await world.change({ host: new URL(world.wiki).host })
    })

    test('what is no browser opening a page is told 401, and nothing reaches the application', async () => {
      const client = anHttpsClient()
      const answer = await client.fetch(`${world.wiki}/api/pages`)
      expect([answer.status, answer.location]).toEqual([401, undefined])
      expect(answer.body).not.toContain('Wiki')
    })

    test('nobody says for themselves who they are', async () => {
      const { account, client, id } = await inside()
      const forged = {
        'X-Rollcall-Account': 'forged',
        'x-rollcall-email': 'forged',
        'X-ROLLCALL-Session': 'forged',
        'X-Rollcall-Roles': 'owner',
        X_Rollcall_Account: 'forged',
        'X-Rollcall_Email': 'forged',
        'X-Forwarded-Host': 'other.example.com',
        'X-Forwarded-Uri': '/elsewhere',
      }
      expect((await anHttpsClient().fetch(`${world.wiki}/`, forged)).status).toBe(401)
      const page = await client.fetch(`${world.wiki}/`, forged)
      expect(toldBy(page)).toEqual({
        'x-rollcall-account': account.id,
        'x-rollcall-email': account.email,
        'x-rollcall-session': id,
        'x-rollcall-roles': 'person',
      })
      await world.change({ role: 'anyone' })
      const nobody = await anHttpsClient().fetch(`${world.wiki}/`, forged)
      await world.change({ role: 'person' })
      expect([nobody.status, toldBy(nobody)]).toEqual([200, {}])
    })

    test('an ended session is out at the next click, and does not come back without the password', async () => {
      const { account, client, id } = await inside()
      expect((await client.fetch(`${world.wiki}/`)).status).toBe(200)
      await revokeSession(database.db, id, SYSTEM, 'stolen cookie')
      await nudge()
      expect((await client.fetch(`${world.wiki}/`)).status).toBe(401)
      const form = await follow(client, await client.open(`${world.wiki}/here`), `${world.wiki}/here`)
      expect(form.url).toContain(`${world.rollcall}/sign-in?return_to=`)
      expect(form.body).toContain('You were signed out by an administrator.')
      expect((await signIn(client, account.email, '/here')).body).toContain('Wiki /here')
    })

    test('who signed in once is let in to it without a word, and out of it when that sign-in ends', async () => {
      const { account, client, id } = await inside()
      client.cookies(new URL(world.wiki).host).clear()
      const again = await follow(client, await client.open(`${world.wiki}/again`), `${world.wiki}/again`)
      expect(again.body).toContain('Wiki /again')
      const [signedIn] = await database.db
        .select()
        .from(sessions)
        .where(eq(sessions.accountId, account.id))
        .orderBy(sessions.id)
      await revokeSession(database.db, signedIn?.id as SessionId, SYSTEM, 'left')
      await nudge()
      expect((await client.fetch(`${world.wiki}/`)).status).toBe(401)
      expect((await findSession(database.db, id))?.end?.reason).toBe('revoked')
    })

    test('signing out there signs out of Rollcall as well', async () => {
      const { client, id } = await inside()
      expect((await client.open(`${world.wiki}/.rollcall/sign-out`)).body).toContain('Sign out?')
      const foreign = { 'sec-fetch-site': 'cross-site' }
      expect((await client.post(`${world.wiki}/.rollcall/sign-out`, {}, foreign)).status).toBe(403)
      expect((await client.fetch(`${world.wiki}/`)).status).toBe(200)
      const out = await client.post(`${world.wiki}/.rollcall/sign-out`, {})
      expect([out.status, out.body.includes('You are signed out')]).toEqual([200, true])
      expect(client.cookies(new URL(world.wiki).host).size).toBe(0)
      const form = await follow(client, await client.open(`${world.wiki}/`), `${world.wiki}/`)
      expect(form.url).toContain('/sign-in?')
      expect((await findSession(database.db, id))?.end?.reason).toBe('signed-out')
    })

    test('a blocked account and a blocked network are told 403, and why', async () => {
      const { account, client } = await inside()
      const blocked = await blockAccount(database.db, account.id, { reason: 'left' }, SYSTEM)
      await nudge()
      const refused = await client.open(`${world.wiki}/`)
      expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('This account is blocked')])
      expect(refused.body).toContain('If that is a mistake, contact')
      expect(blocked?.status).toBe('blocked')

      const other = await inside()
      const network = await blockNetwork(
        database.db,
        { network: '127.0.0.1', reason: 'attack', endSessions: false },
        SYSTEM,
      )
      await nudge()
      const elsewhere = await other.client.open(`${world.wiki}/`)
      expect([elsewhere.status, elsewhere.body]).toEqual([403, expect.stringContaining('This network is blocked')])
      if (network.status !== 'blocked') return expect.fail(network.status)
      await liftBlock(database.db, network.block.id, null, SYSTEM)
      await nudge()
      expect((await other.client.open(`${world.wiki}/`)).status).toBe(200)
    })

    test('a blocked person reads there what was written for them, as it was written, and nothing of the reason', async () => {
      const { account, client } = await inside()
      const terms = { reason: 'SUSPECTED-THEFT', message: 'Call <b>555</b> & ask for "Mo".' }
      await blockAccount(database.db, account.id, terms, SYSTEM)
      await nudge()
      const { status, body } = await client.open(`${world.wiki}/`)
      expect(status).toBe(403)
      expect(body).toContain('<p class="plain-message">Call &lt;b&gt;555&lt;/b&gt; &amp; ask for &quot;Mo&quot;.</p>')
      expect(body).not.toContain('SUSPECTED-THEFT')
      expect(body, 'the message says whom to ask').not.toContain('If that is a mistake')
    })

    test('a part of it is for those with a role alone, however its address is spelled', async () => {
      const person = await inside()
      const responder = await inside({ role: 'responder' })
      await world.change({
        rules: [
          { path: '/admin', role: 'responder' },
          { path: '/open', role: 'anyone' },
        ],
      })
      for (const path of [
        '/admin',
        '/admin/x?y=/open',
        '/ADMIN',
        '/%61dmin',
        '/open/%2e%2e/admin',
        '/x//admin',
        '/open%2f..%2fadmin',
      ]) {
        expect((await person.client.open(world.wiki + path)).status, path).toBe(403)
        expect((await responder.client.open(world.wiki + path)).status, path).toBe(200)
      }
      expect((await person.client.open(`${world.wiki}/administration`)).status).toBe(200)
      expect((await anHttpsClient().open(`${world.wiki}/open/page`)).status).toBe(200)
      await world.change({ rules: [] })
    })

    test('S-16 when nobody can tell who it is, the visitor is told so, and to try again', async () => {
      const { client } = await inside()
      const { verifier } = world.app.services
      const unavailable = { status: 'denied', reason: 'unavailable' } as const
      Object.assign(world.app.services, {
        verifier: { ...verifier, verifyCached: () => 'ask', verify: async () => unavailable },
      })
      const refused = await client.open(`${world.wiki}/`)
      Object.assign(world.app.services, { verifier })
      expect([refused.status, refused.body]).toEqual([503, expect.stringContaining('Try again in a moment.')])
      expect((await client.open(`${world.wiki}/`)).status).toBe(200)
    })

    test('S-16 a Rollcall that hangs lets nobody in, and keeps nobody waiting', async () => {
      const { client } = await inside()
      const { verifier } = world.app.services
      const hangs = () => new Promise<never>(() => {})
      Object.assign(world.app.services, { verifier: { ...verifier, verifyCached: () => 'ask', verify: hangs } })
      const refused = await client.open(`${world.wiki}/`)
      Object.assign(world.app.services, { verifier })
      expect(refused.status).toBeGreaterThanOrEqual(500)
      expect(refused.body).not.toContain('Wiki')
      expect((await client.open(`${world.wiki}/`)).status).toBe(200)
    }, 30_000)

    test('S-38 the token of Rollcall itself, or of another app, is nobody there', async () => {
      const owner = await aSession(database.db, { ip: '127.0.0.1' })
      const other = await aSession(database.db, { app: await anApp(database.db), ip: '127.0.0.1' })
      for (const { token } of [owner, other]) {
        const client = anHttpsClient()
        client.cookies(new URL(world.wiki).host).set(COOKIE, token)
        expect((await client.fetch(`${world.wiki}/`)).status).toBe(401)
      }
    })

    test('a code is good once, and in the browser that set out for it alone', async () => {
      const { client } = await inside()
      client.cookies(new URL(world.wiki).host).clear()
      const set = await client.open(`${world.wiki}/.rollcall/enter?return_to=/mine`)
      const { location = '' } = await client.open(set.location ?? '')
      expect(location).toMatch(/\/\.rollcall\/enter\?code=/)
      const victim = anHttpsClient()
      expect((await victim.open(location)).status, 'a browser that has not set out').toBe(400)
      await victim.open(`${world.wiki}/.rollcall/enter?return_to=/`)
      expect((await victim.open(location)).location, 'nor does the secret of another one do').toBe(
        '/.rollcall/enter?return_to=%2Fmine',
      )
      expect(victim.cookies(new URL(world.wiki).host).has(COOKIE)).toBe(false)
      const secret = new Map(client.cookies(new URL(world.wiki).host))
      expect((await client.open(location)).location).toBe('/mine')
      for (const [name, value] of secret) client.cookies(new URL(world.wiki).host).set(name, value)
      expect((await client.open(location)).location, 'twice').toBe('/.rollcall/enter?return_to=%2Fmine')
    })

    test('a socket opens for who is let in, told who it is, and for nobody else', async () => {
      const { account, client } = await inside()
      const { socket, said } = await client.socket(`${world.wiki}/socket`, { 'X-Rollcall-Account': 'forged' })
      expect(JSON.parse(said)).toMatchObject({ 'x-rollcall-account': account.id })
      socket.close()
      await expect(anHttpsClient().socket(`${world.wiki}/socket`)).rejects.toThrow('refused with 401')
    })

    test('a host that is not set up lets nobody in', async () => {
      const { client, account } = await inside()
      const { host } = world.host
      await world.change({ host: 'elsewhere.example.com' })
      expect((await client.open(`${world.wiki}/`)).status).toBe(403)
      const away = `${world.rollcall}/sign-in?return_to=${encodeURIComponent(`${world.wiki}/page`)}`
      expect((await client.open(away)).location, 'nor is anybody sent there').toBe('/account/sessions')
      await world.change({ host })
      expect((await client.open(`${world.wiki}/`)).body).toContain(account.id)
    })
  })
})

/** Redirects, and pages that lead on by themselves. */
async function follow(client: Client, from: Answered, at: string) {
  let [here, url] = [from, at]
  for (let hops = 0; hops < 12; hops++) {
    const next = here.location ?? /^0;url=(.*)$/.exec(String(here.headers['refresh'] ?? ''))?.[1]
    if (!next) return { ...here, url }
    url = new URL(next, url).href
    here = await client.open(url)
  }
  throw new Error(`it leads in a circle, at last to ${url}`)
}
