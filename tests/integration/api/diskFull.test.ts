import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditEvents, followers } from '../../../src/db/schema.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'
import { whileRefusing } from '../../support/refusing.js'
import { aKey, send } from './client.js'

const PASSWORD = 'seven purple bicycles'
const DISK_FULL = '53100'

describe('where the disk of the database is full', () => {
  eachDatabase((database) => {
    const app = useApp(database)

    test('S-76 nobody is signed in and the page says so, checks go on, and with room again all goes on', async () => {
      const { db } = database
      const { token, session } = await aSession(db)
      const { secret: key } = await aKey(db, { app: session.app.id })
      const { email } = await anAccount(db, { password: PASSWORD })
      const signIn = () => aBrowserLikeClient(app.url).post('/sign-in', { email, password: PASSWORD })
      const verify = () => send(app.url, 'POST', '/sessions/verify', { key, body: { token } })
      const end = () => send(app.url, 'DELETE', `/sessions/${session.id}`, { key })
      const full = <T>(table: typeof auditEvents | typeof followers, act: () => Promise<T>) =>
        whileRefusing(db, table, act, sql`true`, DISK_FULL)

      await full(auditEvents, () =>
        full(followers, async () => {
          const refused = await signIn()
          expect([refused.status, refused.body]).toEqual([503, expect.stringContaining('Nothing was changed')])
          expect(await end()).toMatchObject({ status: 503, json: { detail: expect.stringContaining('Nothing was') } })
          // The node can't write that it follows: its memory is trusted no longer, and the database is read.
          await expect.poll(() => app.services.node.engine.follower.leaseLeft(), { timeout: 5_000 }).toBe(0)
          expect(await verify()).toMatchObject({ status: 200, json: { status: 'active' } })
        }),
      )
      expect((await signIn()).location).toBe('/account/sessions')
      expect(await end()).toMatchObject({ status: 200 })
      expect(await verify()).toMatchObject({ status: 200, json: { status: 'denied', reason: 'ended' } })
    })
  })
})
