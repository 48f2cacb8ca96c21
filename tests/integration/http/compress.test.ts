import { beforeAll, describe, expect, it, vi } from 'vitest'
import { useApp } from '../../support/app.js'
import { anOwner, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../../support/http.js'
import { send } from '../api/client.js'

const KEY = 'rck_Compressed-bootstrap-key_Compressed-bootkey'
const TAKES = { 'accept-encoding': 'gzip, deflate, br, zstd' }

describe('compressed answers', () => {
  oneDatabase((database) => {
    const app = useApp(database, { ROLLCALL_BOOTSTRAP_KEY: KEY })
    let owner: BrowserLikeClient

    beforeAll(async () => {
      const { token } = await aSession(database.db, { account: await anOwner(database.db), ip: '127.0.0.1' })
      owner = aBrowserLikeClient(app.url)
      owner.cookies.set('rollcall', token)
      for (let n = 0; n < 30; n++) await aSession(database.db)
    })

    /** What goes over the wire: `fetch` itself unpacks it. */
    const encodingOf = async (path: string, headers: Record<string, string> = TAKES) =>
      (await owner.get(path, headers)).headers.get('content-encoding')

    it('a page goes out as small as the browser takes it, and reads the same', async () => {
      const words = (body: string) => body.replaceAll(/nonce="[^"]*"|<time.*?<\/time>/g, '').slice(0, 60_000)
      const plain = await owner.get('/admin/sessions', { 'accept-encoding': 'identity' })
      expect(plain.headers.get('content-encoding')).toBeNull()
      expect(plain.headers.get('vary')).toContain('Accept-Encoding, Sec-Fetch-Site')
      for (const [accepted, encoding] of [
        ['gzip, deflate, br, zstd', 'br'],
        ['gzip', 'gzip'],
        ['br;q=0, gzip', 'gzip'],
      ] as const) {
        // A figure may move between the two: then both are asked for again.
        await vi.waitFor(async () => {
          const plain = await owner.get('/admin/sessions', { 'accept-encoding': 'identity' })
          const visit = await owner.get('/admin/sessions', { 'accept-encoding': accepted })
          expect(visit.headers.get('content-encoding')).toBe(encoding)
          expect(words(visit.body)).toBe(words(plain.body))
        })
      }
    })

    it.each([
      ['another site', 'cross-site'],
      ['a sibling host', 'same-site'],
      ['a browser that does not say from where', ''],
    ])('a page that %s asked for goes out plain: its length gives away nothing', async (_, site) => {
      const headers = { ...TAKES, 'sec-fetch-site': site }
      expect(await encodingOf('/admin/sessions?q=guess', headers)).toBeNull()
      expect(await encodingOf('/admin/sessions?q=guess')).toBe('br')
    })

    it('a page that shows a key or a one-time link goes out plain', async () => {
      const invited = await owner.post(
        '/admin/accounts/invite',
        { name: 'Nia', email: 'nia@example.com', role: 'person' },
        TAKES,
      )
      const link = /\/invitation\?token=[\w-]+/.exec(invited.body)?.[0] ?? expect.fail('no link is shown')
      const made = await owner.post(
        '/admin/settings/keys',
        { name: 'CI', app: 'new', app_name: 'Shop', scope: 'sessions:verify', lifetime: '30d' },
        TAKES,
      )
      expect(made.body).toContain('rck_')
      const opened = await owner.get(link, TAKES)
      expect(opened.body).toContain('nia@example.com')
      for (const visit of [invited, made, opened]) expect(visit.headers.get('content-encoding')).toBeNull()
    })

    it('checks, exports, event streams and what is small pass by', async () => {
      const verify = await send(app.url, 'POST', '/sessions/verify', { key: KEY, headers: TAKES, body: { token: 'x' } })
      expect(verify.headers.get('content-encoding')).toBeNull()
      const stream = await owner.fetch('/admin/stream', { headers: { ...TAKES, accept: 'text/event-stream' } })
      expect(stream.headers.get('content-type')).toContain('text/event-stream')
      expect(stream.headers.get('content-encoding')).toBeNull()
      await stream.body?.cancel()
      expect(await encodingOf('/admin/sessions/export?format=csv')).toBeNull()
      const gone = await owner.get('/admin/live/rows?rows=', TAKES)
      expect(gone.body.length).toBeLessThan(1_024)
      expect(gone.headers.get('content-encoding')).toBeNull()
    })
  })
})
