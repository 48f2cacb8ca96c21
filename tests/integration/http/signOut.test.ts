import { describe, expect, it } from 'vitest'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { findSession } from '../../../src/sessions/read.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

const BLOCKED = '203.0.113.9'

describe('signing out', () => {
  eachDatabase((database) => {
    const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1,::1' })
    const signOut = async (token: string, ip: string) => {
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      const answer = await client.post('/sign-out', {}, { 'x-forwarded-for': ip })
      expect([answer.location, client.cookies.has('rollcall')]).toEqual(['/sign-in', false])
    }
    const endOf = async ({ id }: Awaited<ReturnType<typeof aSession>>['session']) =>
      (await findSession(database.db, id))?.end ?? undefined

    it('S-09 on a network that is blocked ends the session, so that it does not live again when the block goes', async () => {
      const account = await anAccount(database.db, { role: 'owner' })
      const { session, token } = await aSession(database.db, { account, ip: '192.0.2.10' })
      const blocked = await blockNetwork(database.db, { network: '203.0.113.0/24', reason: 'scanner' }, TERMINAL)
      expect(blocked.status).toBe('blocked')
      await signOut(token, BLOCKED)
      expect(await endOf(session)).toMatchObject({ reason: 'signed-out', by: { kind: 'account', id: account.id } })
    })

    it('S-09 S-38 needs the whole token, and one of this site', async () => {
      const { session, token } = await aSession(database.db)
      const other = await aSession(database.db, { app: await anApp(database.db) })
      await signOut(`${token.slice(0, -3)}AAA`, '192.0.2.10')
      await signOut(other.token, '192.0.2.10')
      expect([await endOf(session), await endOf(other.session)]).toEqual([undefined, undefined])
    })
  })
})
