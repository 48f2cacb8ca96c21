import { connect } from 'node:net'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { auditEvents } from '../../../src/db/schema.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type Visit } from '../../support/http.js'

const SECRET = 'Planted-secret-0123456789'
const SPLIT = 'x\r\nSet-Cookie: evil=1\r\n\r\n{"level":60,"msg":"planted"}\u2028\u0085y'

describe('what is logged', () => {
  eachDatabase((database) => {
    const app = useApp(database, { LOG_LEVEL: 'trace' })

    it('S-61 S-65 of a database error neither log nor page tells what was typed', async () => {
      await database.db.execute(sql`alter table sign_in_limits rename to gone`)
      const page = await aBrowserLikeClient(app.url)
        .post('/sign-in', { email: `${SECRET}@example.com`, password: SECRET })
        .finally(() => database.db.execute(sql`alter table gone rename to sign_in_limits`))
      expect(page.status).toBe(500)
      const line = linesOf(app.log()).find(({ msg }) => msg === 'unexpected error')
      expect(JSON.stringify(line)).toMatch(/Failed query: .*does not exist.*42P01/)
      expect(app.log().toLowerCase()).not.toContain(SECRET.toLowerCase())
      expect(page.body).not.toMatch(/Failed query|sign_in_limits|42P01/)
    })
  })

  oneDatabase((database) => {
    const app = useApp(database, { LOG_LEVEL: 'trace' })

    it('S-44 CR and LF in paths, headers, names and reasons split neither a line nor a header', async () => {
      const owner = aBrowserLikeClient(app.url)
      const account = await anAccount(database.db, { role: 'owner', name: SPLIT, email: `a${SPLIT}@example.com` })
      owner.cookies.set('rollcall', (await aSession(database.db, { account, ip: '127.0.0.1', userAgent: SPLIT })).token)
      const other = await anAccount(database.db, { name: SPLIT })
      await blockAccount(database.db, other.id, { reason: SPLIT, message: SPLIT }, TERMINAL)
      const there = encodeURIComponent(SPLIT)

      const visits: Visit[] = []
      for (const path of [
        `/nothing/${there}`,
        '/n%0D%0Ax:%20y',
        `/sign-in?return_to=/${there}`,
        `/admin/sessions?q=${there}`,
        `/static/${there}`,
        `/api/v1/${there}`,
      ])
        visits.push(await owner.get(path))
      visits.push(
        await owner.get('/account', { 'hx-request': 'true', 'hx-current-url': `${app.url}/${there}`, cookie: '' }),
      )
      visits.push(
        await owner.get('/', { 'x-forwarded-for': there, 'x-request-id': there, forwarded: `for="${there}"` }),
      )
      visits.push(await owner.post('/theme', { theme: 'dark', return_to: `/${SPLIT}` }))
      visits.push(await owner.post(`/admin/accounts/${other.id}/role`, { role: SPLIT, return_to: SPLIT }))
      visits.push(await owner.post(`/admin/accounts/${other.id}/lift-block`, { reason: SPLIT, return_to: SPLIT }))
      for (const { headers } of visits) {
        expect(headers.getSetCookie().filter((line) => line.startsWith('evil'))).toEqual([])
        expect([...headers].map(([name, value]) => name + value).join()).not.toMatch(/[\r\n]/)
      }
      const lines = linesOf(app.log())
      expect(lines.length).toBeGreaterThanOrEqual(visits.length)
      expect(lines.filter(({ msg }) => msg === 'planted')).toEqual([])
    })

    it('S-44 a header that is folded or split on the wire is refused before anything reads it', async () => {
      for (const header of ['User-Agent: a\r\n b: c', 'User-Agent: a\rSet-Cookie: evil=1', 'User-Agent: a\0b'])
        expect(await raw(app.url, header), header).toMatch(/^HTTP\/1\.1 400 /)
    })

    it('S-40 S-61 a report of a violation is told without the link in the page’s address, and seldom', async () => {
      const report = (more: object) =>
        aBrowserLikeClient(app.url).fetch('/csp-reports', {
          method: 'POST',
          headers: { 'content-type': 'application/csp-report' },
          body: JSON.stringify({
            'csp-report': {
              'document-uri': `${app.url}/invitation?token=${SECRET}#${SECRET}`,
              referrer: `${app.url}/setup?token=${SECRET}`,
              'blocked-uri': `https://evil.example/${SECRET}?q=${SECRET}`,
              'effective-directive': 'img-src',
              'original-policy': SECRET,
              'script-sample': SECRET,
              ...more,
            },
          }),
        })
      expect((await report({})).status).toBe(204)
      const told = () => linesOf(app.log()).filter(({ msg }) => msg === 'content security policy violated')
      expect(told()).toMatchObject([{ directive: 'img-src', blocked: 'https://evil.example', path: '/invitation' }])
      for (const odd of [
        { 'document-uri': SECRET, 'blocked-uri': SECRET, 'effective-directive': SECRET },
        { 'blocked-uri': 'inline', 'document-uri': `${app.url}/nothing/rcs_${'x'.repeat(65)}` },
        ...Array(20).fill({}),
      ])
        expect((await report(odd)).status).toBe(204)
      const garbled = await aBrowserLikeClient(app.url).fetch('/csp-reports', { method: 'POST', body: SECRET })
      expect(garbled.status).toBe(204)
      expect(told()).toHaveLength(5)
      expect(told().slice(1, 3)).toMatchObject([{ directive: '?', blocked: '?', path: '?' }, { blocked: 'inline' }])
      expect(app.log()).not.toContain(SECRET)
      expect(app.log()).not.toContain('x'.repeat(65))
    })

    it('S-30 S-62 who asks again and again for what is not theirs fills the audit log with a line a minute and route', async () => {
      const account = await anAccount(database.db, { role: 'viewer' })
      const viewer = aBrowserLikeClient(app.url)
      viewer.cookies.set('rollcall', (await aSession(database.db, { account, ip: '127.0.0.1' })).token)
      for (let i = 0; i < 5; i += 1) {
        expect((await viewer.post(`/admin/sessions/${account.id}/revoke`)).status).toBe(403)
        expect((await viewer.post(`/admin/sessions/${crypto.randomUUID()}/revoke`)).status).toBe(403)
        expect((await viewer.post('/admin/sessions/revoke')).status).toBe(403)
      }
      const events = await database.db.select().from(auditEvents).where(eq(auditEvents.accountId, account.id))
      expect(events.filter(({ action }) => action === 'access.refused')).toHaveLength(2)
    })
  })
})

/** Each line of the log, which must be one JSON object. */
function linesOf(log: string): Record<string, unknown>[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** One request, byte for byte. */
function raw(url: string, header: string): Promise<string> {
  const { host, hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${header}\r\n\r\n`),
    )
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
