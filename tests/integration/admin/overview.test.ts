import { expect, test } from 'vitest'
import { sessionCounts } from '../../../src/db/schema.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { signedIn, textOf } from './signedIn.js'

const QUARTER_MS = 15 * 60_000

eachDatabase((database) => {
  const app = useApp(database)
  const client = async () => signedIn(database.db, app.url, await anOwner(database.db))

  test('failures are compared with the day before, where there were none too', async () => {
    const { db } = database
    const owner = await client()
    const note = async () => {
      const { body } = await owner.get('/admin')
      return textOf(/tile-label">Failures, 24 h<.*?tile-note">(.*?)<\/span>/s.exec(body)?.[1] ?? 'no tile')
    }
    const counted = async (failures: number, before: number) => {
      await db.delete(sessionCounts)
      const now = Date.now() - (Date.now() % QUARTER_MS)
      const quarters = Array.from({ length: 190 }, (_, ago) => ({
        at: new Date(now - ago * QUARTER_MS),
        ...{ live: 1, online: 1, signIns: 1, failures: ago < 90 ? failures : before, ended: 0 },
      }))
      // The server counts each minute too.
      await db.insert(sessionCounts).values(quarters).onConflictDoNothing()
    }
    await counted(2, 1)
    expect(await note()).toMatch(/% vs the day before$/)
    await counted(2, 0)
    expect(await note()).toBe('none the day before')
  })

  test('the question of a block promises an end only where it has one', async () => {
    const account = await anAccount(database.db)
    const { body } = await (await client()).get(`/admin/accounts/${account.id}/block`)
    expect(textOf(body)).toContain('Refuses sign-in for as long as you choose.')
    for (const [until, said] of [
      ['lifted', 'until somebody lifts it'],
      ['7d', 'until it ends or is lifted'],
    ]) {
      const form = { network: '198.51.100.0/24', reason: 'attack', until: String(until) }
      expect(textOf((await (await client()).post('/admin/blocks', form)).body)).toContain(`Refuses sign-in ${said}.`)
    }
  })
})
