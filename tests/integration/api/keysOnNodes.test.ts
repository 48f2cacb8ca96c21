import { expect, test } from 'vitest'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { eachPostgres } from '../../support/database.js'
import { aKey, send } from './client.js'
import { openStream } from './eventStream.js'
import { onItsOwnPool } from './ownPool.js'

eachPostgres((database) => {
  const here = useApp(database)
  const there = useApp(onItsOwnPool(database))

  async function anAppProcess() {
    const app = await anApp(database.db)
    const key = await aKey(database.db, { app, scopes: ['sessions:verify'] })
    const { token } = await aSession(database.db, { app })
    const verify = (url: string) => send(url, 'POST', '/sessions/verify', { key: key.secret, body: { token } })
    for (const { url } of [here, there]) {
      // Twice: from the database, then from memory.
      for (let i = 0; i < 2; i++) expect((await verify(url)).json.status).toBe('active')
    }
    return { key, verify }
  }

  async function revokeHere(id: string) {
    const { secret: admin } = await aKey(database.db)
    expect((await send(here.url, 'DELETE', `/keys/${id}`, { key: admin })).status).toBe(200)
    return performance.now()
  }

  test('S-60 a key revoked on one node is refused there at once, and by every other within the bound', async () => {
    const { key, verify } = await anAppProcess()
    const revoked = await revokeHere(key.id)
    expect((await verify(here.url)).status).toBe(401)
    await expect.poll(async () => (await verify(there.url)).status, { interval: 10, timeout: 5_000 }).toBe(401)
    expect(performance.now() - revoked).toBeLessThan(there.services.node.leaseMs)
    for (const { url } of [here, there])
      expect((await send(url, 'GET', '/revocations', { key: key.secret })).status).toBe(401)
  })

  test('a limit changed on one node holds at the next request to each', async () => {
    const { secret: admin } = await aKey(database.db)
    const { id, secret: key } = await aKey(database.db, { app: await anApp(database.db), scopes: ['accounts:write'] })
    const limits = async () => {
      const asked = await Promise.all([here, there].map(({ url }) => send(url, 'GET', '/accounts', { key })))
      return asked.map(({ headers }) => headers.get('ratelimit-policy'))
    }
    const change = (requestsPerMinute: number | null) =>
      send(here.url, 'PATCH', `/keys/${id}`, { key: admin, body: { requestsPerMinute } })
    expect(await limits()).toEqual([null, null])
    expect((await change(600)).status).toBe(200)
    expect(await limits()).toEqual(['"key";q=600;w=60', '"key";q=600;w=60'])
    await change(null)
    expect(await limits()).toEqual([null, null])
  })

  test('a name changed on one node is what every other one goes by', async () => {
    const { key, verify } = await anAppProcess()
    const { secret: admin } = await aKey(database.db)
    await send(here.url, 'PATCH', `/keys/${key.id}`, { key: admin, body: { name: 'Called anew' } })
    const nameThere = async () => {
      await verify(there.url)
      return there.services.keys.findCached(key.secret)?.name
    }
    await expect.poll(nameThere, { interval: 10, timeout: 5_000 }).toBe('Called anew')
  })

  test('S-60 what follows with it on another node is cut off within the bound', async () => {
    const { key } = await anAppProcess()
    const streams = [await openStream(here.url, key.secret), await openStream(there.url, key.secret)]
    for (const stream of streams) await stream.next()
    const revoked = await revokeHere(key.id)
    await Promise.all(streams.map((stream) => stream.rest()))
    expect(performance.now() - revoked).toBeLessThan(there.services.node.leaseMs)
    for (const { url } of [here, there]) expect((await openStream(url, key.secret)).status).toBe(401)
  })
})
