import { expect, test } from 'vitest'
import { parseNetworks } from '../../../src/devices/address.js'
import { describeClient, readClient } from '../../../src/devices/client.js'
import { openPlaces } from '../../../src/devices/place.js'

const places = await openPlaces()
const trusted = parseNetworks(['127.0.0.1'])

test('a request tells address, place and device of its client', async () => {
  const headers = new Headers({
    'x-forwarded-for': '8.8.8.8',
    'user-agent': 'curl/8.5.0',
    'sec-ch-ua-platform': '"Linux"',
  })
  const client = await readClient({ headers, peer: '::ffff:127.0.0.1', trusted, places })
  expect(client).toMatchObject({
    ip: '8.8.8.8',
    userAgent: 'curl/8.5.0',
    place: { kind: 'place', country: 'US', networkOwner: 'Google LLC' },
    device: { browser: 'curl', browserVersion: '8.5', type: 'script' },
  })
})

test('a request that tells nothing has an unknown client', async () => {
  const client = await readClient({ headers: new Headers(), peer: undefined, trusted, places })
  expect(client).toMatchObject({ ip: null, userAgent: '', place: { kind: 'unknown' }, device: { type: 'unknown' } })
})

test("what an app tells of its client is taken in any spelling, without the app's own forwarding headers", async () => {
  const headers = new Headers({ 'x-forwarded-for': '8.8.8.8' })
  expect(await describeClient({ ip: '::ffff:10.0.0.7', headers, places })).toMatchObject({
    ip: '10.0.0.7',
    place: { kind: 'private' },
  })
})

test('S-52 a user agent is kept without what the database cannot hold, and no longer than it is parsed', async () => {
  const headers = { get: (name: string) => (name === 'user-agent' ? `a\0b\ud800${'c'.repeat(70_000)}` : undefined) }
  const { userAgent } = await describeClient({ ip: null, headers, places })
  expect(userAgent).toMatch(/^abc+$/)
  expect(userAgent.length).toBeLessThanOrEqual(1024)
})
