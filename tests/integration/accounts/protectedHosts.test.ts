import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { deleteApp } from '../../../src/accounts/apps/deleteApp.js'
import { changeHost, type HostWanted, listHosts, saveHost } from '../../../src/accounts/apps/protectedHosts.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import type { AppId, HostId } from '../../../src/db/ids.js'
import { apps } from '../../../src/db/schema.js'
import { anApp } from '../../support/builders.js'
import { eachPostgres } from '../../support/database.js'
import { atTheSameTime } from './interleave.js'

describe('a protected host and the deletion of its app, at the same moment', () => {
  eachPostgres((database) => {
    const where = { secure: true, own: undefined }
    let made = 0
    const saves = (appId: AppId) => (db: Database) => {
      made += 1
      const wanted: HostWanted = { host: `host-${made}.example.com`, appId, role: 'person', rules: [] }
      return saveHost(db, wanted, SYSTEM, where)
    }
    const changes = (id: HostId, wanted: Partial<HostWanted>) => (db: Database) =>
      changeHost(db, id, wanted, SYSTEM, where)
    const deletes = (appId: AppId) => (db: Database) => deleteApp(db, appId, SYSTEM)
    const disabledApp = async () => {
      const appId = await anApp(database.db)
      await database.db.update(apps).set({ disabledAt: sql`now()` }).where(eq(apps.id, appId))
      return appId
    }
    const aHost = async (appId: AppId): Promise<HostId> => {
      const saved = await saves(appId)(database.db)
      if (saved?.status !== 'saved') throw new Error('no host')
      return saved.host.id
    }
    const hostsOf = async (appId: AppId) => (await listHosts(database.db)).filter(({ app }) => app.id === appId)

    it('one that is added just before is removed with it', async () => {
      const appId = await disabledApp()
      const [saved, deleted] = await atTheSameTime(await database.twoConnections(), saves(appId), deletes(appId))
      expect([saved?.status, deleted?.status]).toEqual(['saved', 'deleted'])
      expect(await hostsOf(appId)).toEqual([])
    })

    it('none is added after it', async () => {
      const appId = await disabledApp()
      const [deleted, saved] = await atTheSameTime(await database.twoConnections(), deletes(appId), saves(appId))
      expect([deleted?.status, saved?.status]).toEqual(['deleted', 'no-app'])
      expect(await hostsOf(appId)).toEqual([])
    })

    it('one that is moved to it just before is removed with it', async () => {
      const [appId, id] = [await disabledApp(), await aHost(await anApp(database.db))]
      const nodes = await database.twoConnections()
      const [moved, deleted] = await atTheSameTime(nodes, changes(id, { appId }), deletes(appId))
      expect([moved?.status, deleted?.status]).toEqual(['saved', 'deleted'])
      expect(await hostsOf(appId)).toEqual([])
    })

    it('one of it that is changed is removed, whoever comes first, and neither waits for the other in vain', async () => {
      const nodes = await database.twoConnections()
      for (const deletesFirst of [true, false]) {
        const appId = await disabledApp()
        const change = changes(await aHost(appId), { role: 'owner' })
        const [first, second] = deletesFirst
          ? await atTheSameTime(nodes, deletes(appId), change)
          : await atTheSameTime(nodes, change, deletes(appId))
        expect([first?.status, second?.status]).toEqual(deletesFirst ? ['deleted', undefined] : ['saved', 'deleted'])
        expect(await hostsOf(appId)).toEqual([])
      }
    })
  })
})
