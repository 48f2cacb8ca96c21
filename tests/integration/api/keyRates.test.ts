import { expect, test } from 'vitest'
import { createKeyRates } from '../../../src/api/keyRates.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aSid } from '../../support/stored.js'
import { aKey, send } from './client.js'

oneDatabase((database) => {
  const server = useApp(database, { ROLLCALL_KEY_RATE: '3' })
  const get = (key: string, path = '/accounts') => send(server.url, 'GET', path, { key })

  test('a key that asks too often is told so, with how long to wait; each other key goes on', async () => {
    const { secret } = await aKey(database.db)
    for (const left of [2, 1, 0]) {
      const { status, headers } = await get(secret)
      expect([status, headers.get('ratelimit-policy')]).toEqual([200, '"key";q=3;w=60'])
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"key";r=${left};t=([1-9]|[1-5]\\d|60)$`))
    }
    const refused = await get(secret)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(refused.json).toMatchObject({ type: `${server.url}/api/v1/problems/too-many-requests`, status: 429 })
    expect(refused.headers.get('ratelimit')).toBe(`"key";r=0;t=${refused.headers.get('retry-after')}`)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await fetch(refused.json.type)).status).toBe(200)
    expect((await get((await aKey(database.db)).secret)).status).toBe(200)
  })

  test('a key has the limit that it was made with, above the server’s or below; the one in its place has it too', async () => {
    const { secret: admin } = await aKey(database.db)
    const app = await anApp(database.db)
    const make = async (requestsPerMinute: number | null) => {
      const body = { app, name: 'Own', scopes: ['accounts:write'], requestsPerMinute }
      const { secret, id } = (await keysOf('POST', '', body)).json
      return { secret, id }
    }
    // Each call of the administrator's counts: one of its own for each.
    const keysOf = async (method: string, path: string, body: unknown) => {
      const { status, json } = await send(server.url, method, `/keys${path}`, {
        key: (await aKey(database.db)).secret,
        body,
      })
      return { status, json: { ...json, id: json.key?.id } }
    }
    const policy = async (key: string) => (await get(key)).headers.get('ratelimit-policy')

    const wide = await make(500)
    expect(await policy(wide.secret)).toBe('"key";q=500;w=60')
    const narrow = await make(1)
    expect([await policy(narrow.secret), (await get(narrow.secret)).status]).toEqual(['"key";q=1;w=60', 429])
    expect(await policy((await make(0)).secret)).toBeNull()
    expect(await policy((await make(null)).secret)).toBe('"key";q=3;w=60')

    const same = await keysOf('POST', `/${wide.id}/replace`, { oldUntil: 'now' })
    expect(await policy(same.json.secret)).toBe('"key";q=500;w=60')
    const other = await keysOf('POST', `/${same.json.id}/replace`, { oldUntil: 'now', requestsPerMinute: 2 })
    expect(await policy(other.json.secret)).toBe('"key";q=2;w=60')
    const listed = (await send(server.url, 'GET', `/keys?app=${app}`, { key: admin })).json.items
    expect(listed.find(({ id }: { id: string }) => id === other.json.id).requestsPerMinute).toBe(2)
    expect((await keysOf('POST', `/${other.json.id}/replace`, { oldUntil: 'now', requestsPerMinute: -1 })).status).toBe(
      400,
    )
  })

  test('nothing is done for it: what it would have changed stays', async () => {
    const { secret } = await aKey(database.db)
    const { id } = await anAccount(database.db, { name: 'As before' })
    for (const _ of [1, 2, 3]) await get(secret)
    const refused = await send(server.url, 'PATCH', `/accounts/${id}`, { key: secret, body: { name: 'Changed' } })
    expect(refused.status).toBe(429)
    expect((await get((await aKey(database.db)).secret, `/accounts/${id}`)).json.name).toBe('As before')
  })

  test('what the store of an app saves and ends is not counted: it comes with each click', async () => {
    const { secret } = await aKey(database.db, { scopes: ['sessions:write'] })
    for (const _ of [1, 2, 3, 4, 5]) {
      const ended = await send(server.url, 'DELETE', `/store/${aSid().key}`, { key: secret })
      expect([ended.status, ended.headers.get('ratelimit')]).toEqual([200, null])
    }
  })

  test('refusals count too, checks and what follows the log do not', async () => {
    const { secret } = await aKey(database.db, { scopes: ['sessions:verify'] })
    for (const _ of [1, 2, 3]) expect((await get(secret)).status).toBe(403)
    expect((await get(secret)).status).toBe(429)
    for (const _ of [1, 2, 3, 4, 5]) {
      const checked = await send(server.url, 'POST', '/sessions/verify', { key: secret, body: { token: 'none' } })
      expect([checked.status, checked.headers.get('ratelimit')]).toEqual([200, null])
      expect((await get(secret, '/revocations')).status).toBe(200)
    }
  })
})

test('a new minute is a new start, whatever the wall clock says; 0 is no limit', () => {
  let now = 0
  const rates = createKeyRates(1, { monotonicMs: () => now })
  expect(rates.take('a')).toEqual({ allowed: true, limit: 1, left: 0, resetSeconds: 60 })
  now = 59_999
  expect(rates.take('a')).toEqual({ allowed: false, limit: 1, left: 0, resetSeconds: 1 })
  now = 60_000
  expect(rates.take('a')?.allowed).toBe(true)
  expect(createKeyRates(0).take('a')).toBeUndefined()
  expect(createKeyRates(1).take('a', 0)).toBeUndefined()
  expect(createKeyRates(0).take('a', 5)?.left).toBe(4)
})
