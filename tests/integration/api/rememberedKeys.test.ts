import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createRememberedKeys } from '../../../src/api/rememberedKeys.js'
import type { Entry } from '../../../src/follower/types.js'
import type { Pushed } from '../../../src/sessions/log/node.js'
import { anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey } from './client.js'

const SNAPSHOT = { era: 'e', xmin: 1, xmax: 1, xip: [] }

eachDatabase((database) => {
  /** Keys of a node that hears what the test says, and whose lease and clock are the test's. */
  function aNode() {
    const node = {
      leaseLeftMs: 2_000,
      now: Date.now(),
      hear: (_: Pick<Entry, 'kind' | 'target'>) => {},
      anew: () => {},
    }
    const keys = createRememberedKeys({
      open: database.open,
      node: {
        leaseMs: 2_000,
        engine: { follower: { leaseLeft: () => node.leaseLeftMs, now: () => node.now } },
        subscribe(heard) {
          const push = (entries: Pushed['answer']['entries'], anew: boolean) =>
            heard({ from: SNAPSHOT, answer: { snapshot: SNAPSHOT, entries, ageMs: 0, anew } })
          node.hear = (entry) => push([{ ...entry, xid: 1 }], false)
          node.anew = () => push([], true)
          return () => {}
        },
      },
      onFailure: (error) => expect.fail(String(error)),
    })
    return { node, keys }
  }

  const aFollower = async () => {
    const app = await anApp(database.db)
    return { app, ...(await aKey(database.db, { app, scopes: ['sessions:verify'] })) }
  }

  test('a key is looked up once, and its use is noted', async () => {
    const { keys } = aNode()
    const { secret, id, app } = await aFollower()
    expect(keys.findCached(secret)).toBeUndefined()
    expect(await keys.find(secret)).toMatchObject({ id, app: { id: app } })
    expect(keys.findCached(secret)?.id).toBe(id)
    const noted = sql`select last_used_at is not null as noted from api_keys where id = ${id}`
    await expect.poll(async () => JSON.stringify(await database.db.execute(noted))).toContain('"noted":true')
  })

  test('S-60 what the log names is forgotten, and nothing else', async () => {
    const { node, keys } = aNode()
    const [one, other] = [await aFollower(), await aFollower()]
    const remembered = () => [one, other].map(({ secret }) => keys.findCached(secret) !== undefined)
    const fill = () => Promise.all([one, other].map(({ secret }) => keys.find(secret)))
    await fill()
    node.hear({ kind: 'session', target: one.id })
    expect(remembered()).toEqual([true, true])
    node.hear({ kind: 'key', target: one.id })
    expect(remembered()).toEqual([false, true])
    await fill()
    node.hear({ kind: 'app', target: other.app })
    expect(remembered()).toEqual([true, false])
    await fill()
    node.anew()
    expect(remembered()).toEqual([false, false])
  })

  test('S-14 S-60 a key that is revoked while it is being looked up is not remembered', async () => {
    const { node, keys } = aNode()
    const { secret, id } = await aFollower()
    const looking = keys.find(secret)
    node.hear({ kind: 'key', target: id })
    expect((await looking)?.id).toBe(id)
    expect(keys.findCached(secret)).toBeUndefined()
  })

  test('S-60 memory is not asked once the lease has run out, nor past the expiry of a key', async () => {
    const { node, keys } = aNode()
    const { secret, id } = await aFollower()
    await database.db.execute(sql`update api_keys set expires_at = now() + interval '1 hour' where id = ${id}`)
    await keys.find(secret)
    node.leaseLeftMs = 0
    expect(keys.findCached(secret)).toBeUndefined()
    node.leaseLeftMs = 2_000
    expect(keys.findCached(secret)?.id).toBe(id)
    node.now += 2 * 3_600_000
    expect(keys.findCached(secret)).toBeUndefined()
  })

  test('S-60 a key that is unknown is asked for each time: it may be made a moment later', async () => {
    const { keys } = aNode()
    const { secret, id } = await aFollower()
    await database.db.execute(sql`update api_keys set revoked_at = now() where id = ${id}`)
    expect(await keys.find(secret)).toBeUndefined()
    await database.db.execute(sql`update api_keys set revoked_at = null where id = ${id}`)
    expect((await keys.find(secret))?.id).toBe(id)
  })

  test('S-74 too many that are unknown at once are refused in words, and the next one is heard', async () => {
    const { keys } = aNode()
    const made = Array.from({ length: 1_100 }, (_, n) => `rck_${String(n).padStart(43, '0')}`)
    const answers = await Promise.allSettled(made.map((secret) => keys.find(secret)))
    const refused = answers.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBe(98)
    expect(refused[0]).toMatchObject({ reason: { status: 503, code: 'unavailable' } })
    const { secret, id } = await aFollower()
    expect((await keys.find(secret))?.id).toBe(id)
  })
})
