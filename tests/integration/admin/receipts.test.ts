import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../../../src/accounts/types.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { newId } from '../../../src/db/ids.js'
import { followers, receipts } from '../../../src/db/schema.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { signedIn, textOf } from './signedIn.js'

const ENDED = /Refused on this node after \d+ ms/
const PARTS = '?shape=toast&word=refused'

eachDatabase((database) => {
  const app = useApp(database, { ROLLCALL_NODE_NAME: 'auth-1' })
  let owner: TestAccount

  beforeAll(async () => {
    owner = await anOwner(database.db)
  })

  const panel = () => signedIn(database.db, app.url, owner)
  const as = async (role: Role) => signedIn(database.db, app.url, await anAccount(database.db, { role }))
  const aPerson = () => aSession(database.db)

  describe('a receipt in the panel', () => {
    it('comes with the answer to a sign-out, and the page asks on until it is complete', async () => {
      const admin = await panel()
      const { session } = await aPerson()
      const answer = await admin.post(`/admin/sessions/${session.id}/revoke`, {}, { 'hx-request': 'true' })
      const position = answer.headers.get('rollcall-position')
      expect(textOf(answer.body)).toContain('Refused on this node')
      expect(answer.body).toContain(`id="receipt-${position}"`)
      const more = await admin.get(`/admin/receipts/${position}${PARTS}`, { 'rollcall-background': '1' })
      expect(textOf(more.body)).toMatch(ENDED)
      expect(textOf(more.body)).toMatch(/Measured \d+ ms, guaranteed within 2 s/)
      expect(more.body).toContain('data-state="green"')
      expect(more.body).not.toContain('hx-get')
    })

    it('is not green, and asks again, while another node has not confirmed', async () => {
      const id = newId<string>()
      await database.db.execute(sql`
        insert into ${followers} (id, name, version, seen_at, lease_ms)
        values (${id}, '<b>auth-2</b>', '1', clock_timestamp(), 60000)`)
      const admin = await panel()
      const { session } = await aPerson()
      const answer = await admin.post(`/admin/sessions/${session.id}/revoke`, {}, { 'hx-request': 'true' })
      const position = answer.headers.get('rollcall-position')
      const more = await admin.get(`/admin/receipts/${position}${PARTS}`)
      await database.db.execute(sql`delete from ${followers} where id = ${id}`)
      for (const { body } of [answer, more]) expect(body).not.toContain('data-state="green"')
      expect(textOf(more.body)).toMatch(
        /Refused on 1 of 2 nodes… .* has not confirmed; its lease runs out in \d+\.\d s\./,
      )
      expect(more.body).toContain('&lt;b&gt;auth-2&lt;/b&gt;')
      expect(more.body).toContain(`hx-get="/admin/receipts/${position}?shape=toast&amp;word=refused"`)
    })

    it('goes along to the page after a form', async () => {
      const admin = await panel()
      const { account } = await aPerson()
      const block = await admin.post(`/admin/accounts/${account.id}/block`, { reason: 'policy', until: 'lifted' })
      const { body } = await admin.follow(block)
      expect(body).toContain(`id="receipt-${block.headers.get('rollcall-position')}"`)
      expect(textOf(body)).toMatch(/is blocked 1 session ended\. Refused on this node/)
      const lift = await admin.post(`/admin/accounts/${account.id}/lift-block`)
      expect(textOf((await admin.follow(lift)).body)).toMatch(
        /is lifted They can sign in again\..*In force on this node/,
      )
    })

    it('a cookie from elsewhere brings none in', async () => {
      const admin = await panel()
      const flash = { tone: 'green', title: 'Made up', act: { position: 'x1"><script>', word: 'refused' } }
      admin.cookies.set('rollcall-flash', Buffer.from(JSON.stringify(flash)).toString('base64url'))
      const { status, body } = await admin.get('/admin/blocks')
      expect(status).toBe(200)
      expect(body).not.toContain('Made up')
    })

    it('stands in the ended session and in the audit entry', async () => {
      const admin = await panel()
      const { session } = await aPerson()
      const answer = await admin.post(`/admin/sessions/${session.id}/revoke`)
      const position = answer.headers.get('rollcall-position')
      await admin.get(`/admin/receipts/${position}${PARTS}`)
      expect(textOf((await admin.get(`/admin/sessions/${session.id}`)).body)).toMatch(ENDED)
      const entry = await admin.get(`/admin/receipts/${position}/audit-entry`)
      expect(entry.location).toMatch(/^\/admin\/audit\/[0-9a-f-]{36}$/)
      expect(textOf((await admin.follow(entry)).body)).toMatch(ENDED)
    })

    it('where none was collected it is said what holds all the same', async () => {
      const { session } = await aPerson()
      await revokeSession(database.db, session.id, SYSTEM, null)
      const [kept] = await database.db
        .select()
        .from(receipts)
        .where(sql`${receipts.xid} = (
        select ended_xid from sessions where id = ${session.id})`)
      expect(kept).toBeUndefined()
      const { body } = await (await panel()).get(`/admin/sessions/${session.id}`)
      expect(textOf(body)).toContain('Refused everywhere within 2 s at the latest; receipts were not collected.')
    })

    it('S-30 is for viewers and up', async () => {
      expect((await (await as('viewer')).get(`/admin/receipts/x5${PARTS}`)).status).toBe(200)
      expect((await (await as('person')).get(`/admin/receipts/x5${PARTS}`)).status).toBe(403)
    })

    it.each(['x', 'x0', '5', 'x1.5', "x1'--"])('S-53 there is none for the made-up position %s', async (made) => {
      expect((await (await panel()).get(`/admin/receipts/${encodeURIComponent(made)}${PARTS}`)).status).toBe(404)
    })
  })

  describe('Settings, About', () => {
    const about = async () => textOf((await (await as('viewer')).get('/admin/settings/about')).body)

    it('lists this node, to a viewer too, and names the bound', async () => {
      const text = await about()
      expect(text).toContain('What is ended is refused everywhere within 2 s')
      expect(text).toMatch(/Nodes 1 process .*auth-1 This node/)
      expect(text).toMatch(/\d+ ms \d\.\d s of 2 s/)
      expect(text).toContain('No app follows yet.')
    })

    it('warns of nodes that no nudge reaches, of old transactions, and of apps that accept from memory', async () => {
      const id = newId<string>()
      const stats = { hits: 997, misses: 3, sessions: 42, pollMs: 1, horizonAgeMs: 95_000, nudged: false }
      const process = {
        ...{ process: 'p', keyId: 'k', name: 'shop-1', version: '0.1.0', app: { id: 'a', name: 'Shop' } },
        ...{ position: null, leaseMs: 5_000, seenAgoMs: 10, hits: 3, misses: 1, onUnavailable: 'allow-cached' },
      }
      const apps = JSON.stringify([process, { unreadable: true }])
      await database.db.execute(sql`
        insert into ${followers} (id, name, version, seen_at, lease_ms, stats, apps)
        values (${id}, 'auth-2', '0.1.0', clock_timestamp(), 60000, ${JSON.stringify(stats)}::text::jsonb, ${apps}::text::jsonb)`)
      const text = await about()
      await database.db.execute(sql`delete from ${followers} where id = ${id}`)
      expect(text).toContain('NOTIFY does not arrive at auth-2')
      expect(text).toContain('A transaction has been open for 1 min')
      expect(text).toContain('Shop: accepted from memory when cut off')
      expect(text).toContain('within 60 s, but not by processes with allow-cached')
      expect(text).toMatch(/auth-2 .*99\.7 % of 1,000 checks 42 sessions Polls only/)
      expect(text).toMatch(/App processes 1 process .*shop-1 Shop · 0\.1\.0 auth-2 .*75\.0 % of 4 checks allow-cached/)
    })

    it('says of a node that has gone silent that it refuses everything', async () => {
      const id = newId<string>()
      await database.db.execute(sql`
        insert into ${followers} (id, name, version, seen_at, lease_ms)
        values (${id}, 'auth-3', '0.1.0', clock_timestamp() - interval '40 seconds', 2000)`)
      const text = await about()
      await database.db.execute(sql`delete from ${followers} where id = ${id}`)
      expect(text).toMatch(/auth-3 .*Silent for 4\d s Over, refuses all/)
    })
  })
})
