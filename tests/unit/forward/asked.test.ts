import type { HttpBindings } from '@hono/node-server'
import { expect, it } from 'vitest'
import { parseNetworks } from '../../../src/devices/address.js'
import { readAsked } from '../../../src/forward/asked.js'

const trusted = parseNetworks(['192.0.2.1'])
const askedFrom = (remoteAddress: string | undefined, networks = trusted) => {
  const env = { incoming: { socket: { remoteAddress } } } as unknown as Partial<HttpBindings>
  return readAsked(env, new Headers({ 'x-forwarded-host': 'wiki.example.com' }), networks)?.host
}

it('S-50 who asks right after a trusted proxy is no trusted proxy by that', () => {
  expect(askedFrom('192.0.2.1')).toBe('wiki.example.com')
  for (const other of ['192.0.2.2', '::ffff:192.0.2.2', undefined]) expect(askedFrom(other), other).toBeUndefined()
  for (const spelled of ['::ffff:192.0.2.1', '192.0.2.1']) expect(askedFrom(spelled)).toBe('wiki.example.com')
  expect(askedFrom('192.0.2.1', parseNetworks(['192.0.2.2'])), 'by other settings').toBeUndefined()
})
