import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../../src/db/ids.js'
import { followers, receipts } from '../../../src/db/schema.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, send } from './client.js'

const APPLIED = {
  name: 'auth-1',
  kind: 'node',
  state: 'applied',
  afterMs: expect.any(Number),
  leaseEndsInMs: null,
  allowsCached: false,
}

eachDatabase((database) => {
  const app = useApp(database, { ROLLCALL_NODE_NAME: 'auth-1' })
  let key: string

  beforeAll(async () => {
    key = (await aKey(database.db)).secret
  })

  const ask = (position: string, by = key) => send(app.url, 'GET', `/revocations/${position}/acknowledged`, { key: by })
  async function anAct() {
    const { session } = await aSession(database.db)
    const { headers } = await send(app.url, 'DELETE', `/sessions/${session.id}`, { key })
    return headers.get('rollcall-position') ?? ''
  }

  describe('GET /revocations/:position/acknowledged', () => {
    it('tells of each process whether it has applied the act, and after how long', async () => {
      const position = await anAct()
      await expect.poll(async () => (await ask(position)).json.complete).toBe(true)
      const { status, json } = await ask(position)
      expect(status).toBe(200)
      expect(json).toEqual({
        nodes: [APPLIED],
        complete: true,
      })
    })

    it('tells who is waited for, and until when', async () => {
      const id = newId<string>()
      const process = {
        ...{ process: 'p', keyId: 'k', name: 'billing-1', version: '1', app: { id: 'other', name: 'Billing' } },
        ...{ position: null, leaseMs: 60_000, seenAgoMs: 0, hits: 0, misses: 0, onUnavailable: 'deny' },
      }
      await database.db.execute(sql`
        insert into ${followers} (id, name, version, seen_at, lease_ms, apps)
        values (${id}, 'auth-2', '1', clock_timestamp(), 60000, ${JSON.stringify([process])}::text::jsonb)`)
      const position = await anAct()
      const late = { state: 'waiting', afterMs: null, leaseEndsInMs: expect.any(Number), allowsCached: false }
      await expect
        .poll(async () => (await ask(position)).json)
        .toEqual({
          nodes: [APPLIED, { name: 'auth-2', kind: 'node', ...late }, { name: 'billing-1', kind: 'app', ...late }],
          complete: false,
        })
      const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:verify'] })
      const theirs = (await ask(position, secret)).json
      await database.db.execute(sql`delete from ${followers} where id = ${id}`)
      expect(theirs.nodes[2]).toMatchObject({ name: 'a process of another app', kind: 'app' })
    })

    it('answers for an act of long ago, of which only the receipt is left', async () => {
      await database.db.execute(sql`
        insert into ${receipts} (xid, nodes, nodes_total, apps, apps_total, after_ms, complete)
        values ('5', 3, 3, 0, 0, 8, true)`)
      const { status, json } = await ask('x5')
      expect(status).toBe(200)
      expect(json).toMatchObject({ complete: true, nodes: [{ name: 'auth-1', state: 'applied', afterMs: null }] })
    })

    it.each(['x', '48213', 'x0', 'x99999999999999', 'x-1', 'x1%00', "x1'", 'x9007199254740993'])(
      'S-53 refuses the made-up position %s',
      async (made) => {
        const { status, json } = await ask(made)
        expect(status).toBe(400)
        expect(json.errors).toEqual([{ path: 'position', message: 'is none that an act was answered with' }])
      },
    )

    it('needs the scope sessions:verify', async () => {
      const { secret } = await aKey(database.db, { scopes: ['sessions:read'] })
      expect((await ask('x5', secret)).status).toBe(403)
    })
  })
})
