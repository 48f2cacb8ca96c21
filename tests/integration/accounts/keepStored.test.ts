import { describe, expect, it } from 'vitest'
import { type Keeping, keepStored } from '../../../src/accounts/keepStored.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import type { SessionId } from '../../../src/db/ids.js'
import { accounts, sessions } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions } from '../../../src/sessions/revoke.js'
import { lockNetworkBlocks } from '../../../src/sessions/start.js'
import { anAccount, anApp } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachPostgres } from '../../support/database.js'
import { aSid } from '../../support/stored.js'
import { lockRow, lockRowNow, whileItWaits } from './interleave.js'

describe('a save that signs somebody in anew', () => {
  eachPostgres((database) => {
    const save = (db: Database, wanted: Pick<Keeping, 'appId' | 'key'> & Partial<Keeping>) =>
      keepStored(db, { content: '{}', client: aClient(), method: 'app', ...wanted }, SYSTEM)

    /** With a session of theirs, and another name for them. */
    async function aStored(db: Database) {
      const { id, email } = await anAccount(db)
      const which = { appId: await anApp(db), key: new Uint8Array(Buffer.from(aSid().key, 'base64url')) }
      const kept = await save(db, { ...which, account: { id } })
      const session: SessionId = (kept.status === 'kept' && kept.session) || expect.fail(kept.status)
      return { id, session, anew: { ...which, account: { id, email } } }
    }

    it('S-13 waits for "Sign out everywhere" without holding what that ends, and is over with it', async () => {
      const nodes = await database.twoConnections()
      const { id, session, anew } = await aStored(database.db)
      const kept = await whileItWaits(
        nodes,
        (tx) => lockRow(tx, accounts, id),
        (db) => save(db, anew),
        async (tx) => {
          await lockRowNow(tx, sessions, session)
          expect(await revokeAccountSessions(tx, id, SYSTEM, 'stolen')).toBe(1)
        },
      )
      expect(kept).toEqual({ status: 'over', reason: 'ended' })
    })

    it('S-13 waits for the block of a network without holding what that ends', async () => {
      const nodes = await database.twoConnections()
      const { session, anew } = await aStored(database.db)
      const kept = await whileItWaits(
        nodes,
        lockNetworkBlocks,
        (db) => save(db, anew),
        (tx) => lockRowNow(tx, sessions, session),
      )
      expect(kept).toMatchObject({ status: 'kept', session: expect.not.stringMatching(session) })
      expect((await findSession(database.db, session))?.end?.reason).toBe('replaced')
    })
  })
})
