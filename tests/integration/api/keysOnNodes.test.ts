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
