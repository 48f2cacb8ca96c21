import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../../src/db/connect.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { useApp } from '../../support/app.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type Visit } from '../../support/http.js'
import { send } from '../api/client.js'

const BOOTSTRAP_KEY = 'rck_Planted-bootstrap-key_Planted-bootstrap-key'
const OWNER_PASSWORD = 'Planted-0wner-passphrase'
const PERSON_PASSWORD = 'Planted-p3rson-passphrase'
const MISTYPED = 'Planted-mistyp3d-passphrase'

describe('secrets', () => {
  eachDatabase((database) => {
    const app = useApp(database, { ROLLCALL_BOOTSTRAP_KEY: BOOTSTRAP_KEY, LOG_LEVEL: 'trace' })

    it('S-61 S-01 none is in a log, in the database or on a page after it was issued', async () => {
      const secrets = new Map<string, string>([
        ['bootstrap key', BOOTSTRAP_KEY],
        ['owner’s password', OWNER_PASSWORD],
        ['person’s password', PERSON_PASSWORD],
        ['password typed into the e-mail box', MISTYPED],
      ])
      const pages: Visit[] = []

      // Everything that makes, takes or mistakes a secret.
      const owner = aBrowserLikeClient(app.url)
      secrets.set('set-up link', app.setupToken ?? '')
      await owner.get(`/setup?token=${app.setupToken}`)
      await owner.post('/setup', {
        token: app.setupToken ?? '',
        name: 'Ada',
        email: 'ada@example.com',
        password: OWNER_PASSWORD,
      })
      secrets.set('owner’s session token', owner.cookies.get('rollcall') ?? '')
      pages.push(await owner.get(`/setup?token=${app.setupToken}`))

      const invited = await owner.post('/admin/accounts/invite', {
        name: 'Priya',
        email: 'priya@example.com',
        role: 'person',
      })
      const link = /\/invitation\?token=([\w-]+)/.exec((await owner.follow(invited)).body)?.[1] ?? ''
      secrets.set('invitation link', link)
      const person = aBrowserLikeClient(app.url)
      await person.post('/invitation', { token: link, password: PERSON_PASSWORD, email: 'priya@example.com' })
      secrets.set('person’s session token', person.cookies.get('rollcall') ?? '')
      secrets.set('person’s device token', person.cookies.get('rollcall-device') ?? '')
      pages.push(await person.post('/sign-in', { email: MISTYPED, password: MISTYPED }))
      pages.push(await person.post('/sign-in', { email: 'priya@example.com', password: MISTYPED }))
      await person.get(`/account?session=${secrets.get('person’s session token')}`)

      const made = await send(app.url, 'POST', '/sessions', {
        key: BOOTSTRAP_KEY,
        headers: { 'idempotency-key': 'planted' },
        body: { account: { email: 'priya@example.com' }, client: { ip: '203.0.113.9', userAgent: 'curl/8' } },
      })
      expect(made.status, made.text).toBe(201)
      secrets.set('API session token', made.json.token)
      const key = await send(app.url, 'POST', '/keys', {
        key: BOOTSTRAP_KEY,
        body: { app: BUILT_IN_APP, name: 'Planted', scopes: ['sessions:read'] },
      })
      expect(key.status, key.text).toBe(201)
      secrets.set('API key', key.json.secret)
      await send(app.url, 'POST', '/sessions/verify', { key: BOOTSTRAP_KEY, body: { token: made.json.token } })
      await send(app.url, 'POST', '/sessions/verify', {
        key: BOOTSTRAP_KEY,
        body: { token: made.json.token, wrong: true },
      })
      await send(app.url, 'GET', `/sessions?q=${made.json.token}`, { key: BOOTSTRAP_KEY })
      await send(app.url, 'POST', '/sessions/verify', { key: BOOTSTRAP_KEY, body: `{"token": "${made.json.token}"` })

      for (const path of [
        '/admin',
        '/admin/sessions',
        '/admin/accounts',
        '/admin/audit',
        '/admin/settings',
        '/admin/settings/keys',
        '/account/sessions',
      ]) {
        pages.push(await owner.get(path))
      }
      const dump = await everything()

      for (const [name, secret] of secrets) {
        expect(secret.length, name).toBeGreaterThan(20)
        expect(app.log().includes(secret), `${name} in the log`).toBe(false)
        expect(dump.includes(secret), `${name} in the database`).toBe(false)
        // A token's secret part alone would be as bad; the id in front of it is public.
        const tail = secret.slice(-20)
        expect(app.log().includes(tail), `the end of the ${name} in the log`).toBe(false)
        expect(dump.includes(tail), `the end of the ${name} in the database`).toBe(false)
        for (const page of pages) {
          if (name === 'password typed into the e-mail box') continue
          expect(page.body.includes(secret), `${name} on a page`).toBe(false)
        }
      }
    })

    /** Every row of every table, as text. */
    async function everything(): Promise<string> {
      const tables = rowsOf<{ name: string }>(
        await database.db.execute(
          sql`select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
        ),
      )
      expect(tables.length).toBeGreaterThan(12)
      const rows = await Promise.all(
        tables.map(async ({ name }) =>
          rowsOf<{ row: string }>(await database.db.execute(sql.raw(`select t::text as row from ${name} t`))),
        ),
      )
      return rows
        .flat()
        .map(({ row }) => row + hexAsText(row))
        .join('\n')
    }

    /** A secret that was stored as bytes would read as hex. */
    function hexAsText(row: string): string {
      return [...row.matchAll(/\\x([0-9a-f]{2,})/g)]
        .map(([, hex]) => Buffer.from(hex ?? '', 'hex').toString('latin1'))
        .join(' ')
    }
  })
})
