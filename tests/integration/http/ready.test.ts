import { expect, test } from 'vitest'
import { useApp } from '../../support/app.js'
import { oneDatabase } from '../../support/database.js'

oneDatabase((database) => {
  const server = useApp(database, { ROLLCALL_LEASE_MS: '500' })
  const ready = async () => {
    const answer = await fetch(`${server.url}/readyz`)
    return [answer.status, await answer.json()]
  }

  test('a node is ready while the database answers and its lease is valid, and says which part failed', async () => {
    // Half a second of lease may have run out where the machine is busy: the next poll renews it.
    await expect.poll(ready, { timeout: 5_000 }).toEqual([200, { status: 'ready', database: 'ok', lease: 'valid' }])
    server.services.node.engine.stop()
    await expect
      .poll(ready, { timeout: 5_000 })
      .toEqual([503, { status: 'not ready', database: 'ok', lease: 'has run out' }])
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})
