import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { protectedHosts } from '../../../src/db/schema/forward.js'
import { webhooks } from '../../../src/db/schema/webhooks.js'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { eachPostgres } from '../../support/database.js'
import { lockRow } from '../accounts/interleave.js'
import { aKey, send } from './client.js'

eachPostgres((database) => {
  const server = useApp(database, { ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true' })
  const callWith = async () => {
    const { secret } = await aKey(database.db)
    return (method: string, path: string, body?: object) => send(server.url, method, path, { key: secret, body })
  }

  /** Both are in the middle of it before either may write. */
  async function atOnce<T>(
    lock: (tx: Database) => Promise<unknown>,
    first: () => Promise<T>,
    second: () => Promise<T>,
  ) {
    const [other] = await database.twoConnections()
    let both: Promise<T[]> | undefined
    await other.transaction(async (tx) => {
      await lock(tx)
      both = Promise.all([first(), second()])
      while ((await waiting(tx)) < 2) await new Promise(setImmediate)
    })
    return both
  }
  const waiting = async (tx: Database) =>
    rowsOf(await tx.execute(sql`select 1 from pg_locks where not granted and pid <> pg_backend_pid()`)).length

  describe('two who change different things of one at once both have their way', () => {
    test('a protected host: a role that was raised is not lowered by who changes the rules', async () => {
      const call = await callWith()
      const { id } = (await call('POST', '/protected-hosts', { host: 'wiki.localhost', app: await anApp(database.db) }))
        .json
      const rules = [{ path: '/admin', role: 'owner' }]
      await atOnce(
        (tx) => lockRow(tx, protectedHosts, id),
        () => call('PATCH', `/protected-hosts/${id}`, { role: 'responder' }),
        () => call('PATCH', `/protected-hosts/${id}`, { rules }),
      )
      const [host] = (await call('GET', '/protected-hosts')).json.items
      expect(host).toMatchObject({ role: 'responder', rules })
    })

    test('a webhook', async () => {
      const call = await callWith()
      const { id } = (await call('POST', '/webhooks', { url: 'http://127.0.0.1:9/a', events: ['account.blocked'] }))
        .json.webhook
      const events = ['account.blocked', 'session.ended']
      await atOnce(
        (tx) => lockRow(tx, webhooks, id),
        () => call('PATCH', `/webhooks/${id}`, { description: 'SIEM' }),
        () => call('PATCH', `/webhooks/${id}`, { events }),
      )
      const found = (await call('GET', `/webhooks/${id}`)).json
      expect({ ...found, events: found.events.toSorted() }).toMatchObject({ description: 'SIEM', events })
    })
  })

  test('of two who add a webhook for one address at once, one hears that it is taken', async () => {
    const call = await callWith()
    const body = { url: 'http://127.0.0.1:9/same', events: ['account.blocked'] }
    const both = await Promise.all([1, 2, 3, 4].map(() => call('POST', '/webhooks', body)))
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409])
  })

  test('a webhook is not moved to the address of another one', async () => {
    const call = await callWith()
    const add = async (url: string) => (await call('POST', '/webhooks', { url, events: ['account.blocked'] })).json
    const [one, other] = [await add('http://127.0.0.1:9/one'), await add('http://127.0.0.1:9/other')]
    const moved = await call('PATCH', `/webhooks/${other.webhook.id}`, { url: one.webhook.url })
    expect(moved).toMatchObject({ status: 409, json: { type: expect.stringMatching(/taken$/) } })
    const same = await call('PATCH', `/webhooks/${other.webhook.id}`, { url: other.webhook.url, description: 'x' })
    expect(same.json).toMatchObject({ url: other.webhook.url, description: 'x' })
  })
})
