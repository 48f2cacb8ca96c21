import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { type Keeping, keepStored } from '../../../src/accounts/keepStored.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import type { AppId, SessionId } from '../../../src/db/ids.js'
import { storedSessions } from '../../../src/db/schema/stored.js'
import { accounts, sessions } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions } from '../../../src/sessions/revoke.js'
import { lockNetworkBlocks } from '../../../src/sessions/start.js'
import { findStored } from '../../../src/sessions/stored/stored.js'
import { removeLapsedStored } from '../../../src/sessions/stored/storedAll.js'
import { isStored, type StoredKey } from '../../../src/sessions/stored/storedRow.js'
import { anAccount, anApp } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachPostgres } from '../../support/database.js'
import { aSid } from '../../support/stored.js'
import { atTheSameTime, lockRow, lockRowNow, whileItWaits } from './interleave.js'

describe('a save that signs somebody in anew', () => {
  eachPostgres((database) => {
    /** With a session of theirs, and another name for them. */
    async function aStored(db: Database) {
      const { id, email } = await anAccount(db)
      const which = aKeyOf(await anApp(db))
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

describe('a save under a key whose content has lapsed', () => {
  eachPostgres((database) => {
    it('is kept while what was there before is removed', async () => {
      const nodes = await database.twoConnections()
      const which = aKeyOf(await anApp(database.db))
      await save(database.db, which)
      await database.db.update(storedSessions).set({ expiresAt: sql`now() - interval '1 hour'` }).where(isStored(which))
      const [removed, kept] = await atTheSameTime(
        nodes,
        (tx) => removeLapsedStored(tx),
        (db) => save(db, { ...which, content: '{"cart":1}', process: 'a-process' }),
      )
      expect([removed, kept]).toEqual([1, { status: 'kept', session: null, mayHold: true }])
      expect(await findStored(database.db, which, { process: 'a-process' })).toMatchObject({
        status: 'found',
        content: '{"cart":1}',
        mayHold: true,
      })
    })
  })
})

const save = (db: Database, wanted: StoredKey & Partial<Keeping>) =>
  keepStored(db, { content: '{}', client: aClient(), method: 'app', ...wanted }, SYSTEM)

const aKeyOf = (appId: AppId): StoredKey => ({
  appId,
  key: new Uint8Array(Buffer.from(aSid().key, 'base64url')),
})
