import { expect, test } from 'vitest'
import { MOST_PEOPLE } from '../../../src/sessions/lists/search.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import { signedIn, textOf } from '../admin/signedIn.js'
import { aKey, send } from '../api/client.js'

const WORDS = `More than ${MOST_PEOPLE} people match. Only the sessions of ${MOST_PEOPLE} of them are meant`

eachKindOfDatabase((database) => {
  const app = useApp(database)

  test('a search that means more people than are looked at says so: the list, the sign-out of all, the API', async () => {
    const { db } = database
    for (let n = 1; n < MOST_PEOPLE; n += 1) await anAccount(db, { name: `Crowd Member ${n}` })
    // Two of them are signed in: one is among any 200.
    await aSession(db, { account: await anAccount(db, { name: 'Crowd Member first' }) })
    const owner = await signedIn(db, app.url, await anOwner(db))
    const { secret: key } = await aKey(db)
    const list = async (q: string) => textOf((await owner.get(`/admin/sessions?q=${encodeURIComponent(q)}`)).body)
    const notice = async (q: string) =>
      (await send(app.url, 'GET', `/sessions?q=${encodeURIComponent(q)}`, { key })).json['notice']
    expect(await list('crowd member')).not.toContain('people match')
    expect(await notice('crowd member')).toBeNull()

    const last = await anAccount(db, { name: 'Crowd Member last' })
    await aSession(db, { account: last })
    for (const q of ['crowd member', 'cr']) {
      expect(await list(q)).toContain(WORDS)
      expect(await notice(q)).toContain(WORDS)
    }
    const narrowed = await list('crowd member last')
    expect(narrowed).not.toContain('people match')
    expect(narrowed).toContain('Crowd Member last')
    for (const q of [last.id, '203.0.113.0/24', '203.0.113.7', '']) expect(await notice(q)).toBeNull()

    const all = async (q: string) =>
      textOf((await owner.get(`/admin/sessions/revoke-matching?q=${encodeURIComponent(q)}`)).body)
    expect(await all('crowd member')).toContain(WORDS)
    expect(await all('crowd member last')).not.toContain('people match')

    // A file can't say that it is a part.
    const file = (q: string) => owner.get(`/admin/sessions/export?format=csv&q=${encodeURIComponent(q)}`)
    const refused = await file('crowd member')
    expect(refused.status).toBe(400)
    expect(textOf(refused.body)).toContain(WORDS)
    expect((await file('crowd member last')).body).toContain('Crowd Member last')
  })
})
