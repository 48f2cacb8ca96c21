import { describe, expect, it } from 'vitest'
import { findOrCreateAccount, type NamedAccount } from '../../../src/accounts/identities.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { AppId } from '../../../src/db/ids.js'
import { anAccount, anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'

describe('whom an app means', () => {
  eachDatabase((database) => {
    async function found(appId: AppId, named: NamedAccount) {
      const answer = await findOrCreateAccount(database.db, appId, named, SYSTEM)
      return answer.status === 'found' ? answer.account.id : expect.fail(answer.status)
    }

    it('S-38 by its own user id: the same person each time, and nobody that another app means by it', async () => {
      const [one, other] = [await anApp(database.db), await anApp(database.db)]
      const user = { externalId: 'user-42' }
      const first = await found(one, { ...user, name: 'Ada' })
      expect(await found(one, user)).toBe(first)
      const second = await found(other, { ...user, name: 'Bob' })
      expect(second).not.toBe(first)
      expect([await found(one, user), await found(other, user)]).toEqual([first, second])
    })

    it('by an address that both apps vouch for: one account, which each then names by its own id', async () => {
      const [one, other] = [await anApp(database.db), await anApp(database.db)]
      const { id, email } = await anAccount(database.db)
      expect(await found(one, { externalId: 'a', email: email?.toUpperCase() })).toBe(id)
      expect(await found(other, { externalId: 'b', email: email ?? '' })).toBe(id)
      expect([await found(one, { externalId: 'a' }), await found(other, { externalId: 'b' })]).toEqual([id, id])
    })

    it('never by what names two: nobody is signed in as either', async () => {
      const appId = await anApp(database.db)
      const [one, other] = [await anAccount(database.db), await anAccount(database.db)]
      await found(appId, { id: one.id, externalId: 'user-1' })
      for (const named of [
        { externalId: 'user-1', email: other.email ?? '' },
        { externalId: 'user-1', id: other.id },
        { id: one.id, email: other.email ?? '' },
      ])
        expect(await findOrCreateAccount(database.db, appId, named, SYSTEM)).toEqual({ status: 'differ' })
    })
  })
})
