import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { findAccount } from '../../../src/accounts/read.js'
import { chainState, checkChain } from '../../../src/audit/checkChain.js'
import { sealAudit } from '../../../src/audit/seal.js'
import { newId } from '../../../src/db/ids.js'
import { invitations, sessionActivity, sessionCounts } from '../../../src/db/schema.js'
import { absoluteText, clockText, momentText } from '../../../templates/words.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import { signedIn, textOf } from './signedIn.js'

const QUARTER = 900_000

eachKindOfDatabase((database) => {
  const app = useApp(database)
  async function responderIn(zone: string) {
    const client = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'responder' }))
    client.cookies.set('zone', zone)
    return client
  }

  test('the overview’s charts and grid say their hours in the zone that the browser told', async () => {
    const began = Math.floor(Date.now() / QUARTER) * QUARTER
    for (let n = 48; n > 0; n -= 1)
      await database.db
        .insert(sessionCounts)
        .values({ at: new Date(began - n * QUARTER), live: 9, online: 1, signIns: 1, failures: 1, ended: 0 })
        .onConflictDoNothing()
    for (const range of ['24h', '7d', '30d']) {
      const page = (await (await responderIn('Asia/Kolkata')).get(`/admin?range=${range}`)).body
      expect(textOf(page)).toContain('Time, Asia/Kolkata (UTC+5:30)')
      expect(page).toMatch(/UTC\+5:30: \d+ failure/)
      // Hours and half hours there begin at the half hours of UTC.
      if (range === '7d') expect(page).toMatch(/since=[\dT-]+:30Z/)
    }
    expect(textOf((await (await responderIn('UTC')).get('/admin')).body)).toContain('Time, UTC')
    const { account } = await aSession(database.db)
    const person = await (await responderIn('Asia/Kolkata')).get(`/admin/accounts/${account.id}?tab=sign-ins`)
    expect(person.body).toMatch(/UTC\+5:30: 1 sign-in/)
  })

  test('what an open list is told of a row’s last use is in the words that the row began with', async () => {
    const { session } = await aSession(database.db)
    await database.db
      .update(sessionActivity)
      .set({ lastSeenAt: new Date(Date.now() - 3_600_000) })
      .where(eq(sessionActivity.sessionId, session.id))
    const client = await responderIn('Asia/Kolkata')
    const { rows } = JSON.parse((await client.get(`/admin/live/seen?rows=${session.id}`)).body)
    expect(rows).toHaveLength(1)
    const [id, began, [seen, at, title, paper]] = rows[0]
    expect([id, began, seen]).toEqual([session.id, 'now', '1 h ago'])
    expect(title).toMatch(/UTC\+5:30$/)
    const list = (await client.get('/admin/sessions')).body
    expect(list).toContain(`datetime="${at}" title="${title}" data-paper="${paper}"`)
  })

  test('a block’s date is asked for, kept and shown in that zone, whatever the next page’s is', async () => {
    const { account } = await aSession(database.db)
    const client = await responderIn('America/New_York')
    const path = `/admin/accounts/${account.id}/block`
    const form = (await client.get(path)).body
    expect(textOf(form)).toContain('Day and time, America/New York (UTC−')
    expect(form).toContain('name="zone" value="America/New_York"')
    client.cookies.set('zone', 'Asia/Tokyo')
    const date = { until: 'date', date: '2031-01-15T12:00', zone: 'America/New_York' }
    await client.post(path, { reason: 'policy', ...date })
    const until = new Date('2031-01-15T17:00:00Z')
    expect((await findAccount(database.db, account.id))?.block?.until).toEqual(until)
    const again = (await client.get(path)).body
    expect(again).toContain('value="2031-01-16T02:00"')
    expect(again).toContain('name="zone" value="Asia/Tokyo"')
    expect((await client.post(path, { reason: 'policy', ...date, zone: 'Mars/Base' })).status).toBe(400)
  })

  test('what the chain, a review of networks and an invitation say of times is in that zone', async () => {
    const { db } = database
    const owner = await signedIn(db, app.url, await anOwner(db))
    owner.cookies.set('zone', 'Asia/Kolkata')
    await sealAudit(db)
    await checkChain(db, 'Olga Owner')
    const checkedAt = (await chainState(db)).last?.startedAt ?? new Date(0)
    const chain = textOf((await owner.get('/admin/audit/chain')).body)
    expect(chain).toContain(`sealed by ${absoluteText(checkedAt, 'Asia/Kolkata')}.`)
    expect(chain).toContain(`Verified ${absoluteText(checkedAt, 'Asia/Kolkata')}`)
    const log = textOf((await owner.get('/admin/audit')).body)
    expect(log).toMatch(new RegExp(`Chain verified up to (.*, )?${clockText(checkedAt, 'Asia/Kolkata').slice(0, 5)}`))

    const list = { list: '198.51.100.0/24', reason: 'policy', until: 'date', date: '2031-01-15T12:00', zone: 'UTC' }
    const review = (await owner.post('/admin/blocks/import', list)).location ?? ''
    expect(textOf((await owner.get(review)).body)).toContain('15 Jan 2031 at 17:30 0')
    await owner.post(`${review}/apply`, {})
    const again = (await owner.post('/admin/blocks/import', list)).location ?? ''
    expect(textOf((await owner.get(again)).body)).toContain('Blocked already until 15 January 2031, 17:30:00 UTC+5:30')

    const acts = textOf((await owner.get('/admin/audit?q=198.51.100.0%2F24')).body)
    expect(acts).toContain('blocked network 198.51.100.0/24 until 15 Jan 2031, 17:30 UTC+5:30')
    expect(acts).toContain('until none 15 Jan 2031, 17:30 UTC+5:30')
    expect(acts).not.toContain('12:00 UTC')

    const invited = await owner.post('/admin/accounts/invite', { email: `n.${newId()}@example.com`, name: 'Nia' })
    const [link] = await db.select({ until: invitations.expiresAt }).from(invitations)
    const until = momentText(link?.until ?? new Date(0), new Date(), 'Asia/Kolkata')
    expect(textOf(invited.body)).toContain(`It works once, until ${until}.`)
    const address = /\/invitation\?token=[\w-]+/.exec(invited.body)?.[0] ?? ''
    expect(textOf((await owner.get(address)).body)).toContain(`This link works once, until ${until} UTC+5:30`)
  })

  test('nonsense in the address of the blocks is named, and the rest of it holds', async () => {
    const client = await responderIn('UTC')
    const { account } = await aSession(database.db)
    await client.post(`/admin/accounts/${account.id}/block`, { reason: 'policy', until: 'lifted' })
    await client.get('/admin/blocks')
    const page = await client.get('/admin/blocks?state=broken&kind=network&more=1&after=x')
    expect(page.status).toBe(400)
    const text = textOf(page.body)
    expect(text).toContain('state=broken must be active, lifted or all.')
    expect(text).toContain('more=1 is not known here.')
    expect(text).toContain('after belongs to no page of this list.')
    expect(text).not.toContain(account.name)
    expect(page.body).toContain('href="/admin/blocks?kind=network"')
    const clean = await client.get('/admin/blocks?kind=account')
    expect([clean.status, textOf(clean.body)]).toEqual([200, expect.stringContaining(account.name)])
    expect((await client.get(`/admin/blocks?kind=account&after=${newId()}`)).status).toBe(400)
  })
})
