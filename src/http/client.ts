import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { clientAddress, type Networks } from '../devices/address.js'
import { describeClient } from '../devices/client.js'
import type { HeaderSource } from '../devices/headers.js'
import type { Client } from '../devices/types.js'
import type { AppContext } from './env.js'

/** Canonical address of the client, or null when none can be told. */
export const addressIn = (
  env: Partial<HttpBindings> | undefined,
  headers: HeaderSource,
  trustedProxies: Networks,
): string | null => clientAddress(env?.incoming?.socket?.remoteAddress, headers, trustedProxies)

/** The same before Hono knows of the request. */
export const addressOfIncoming = (incoming: IncomingMessage, trustedProxies: Networks): string | null =>
  clientAddress(incoming.socket.remoteAddress, headersOfIncoming(incoming), trustedProxies)

export const headersOfIncoming = ({ headers }: IncomingMessage) => ({
  get(name: string): string | undefined {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  },
})

/** What the request tells of the device and the place that it came from. */
export const clientOf = (c: AppContext): Promise<Client> =>
  describeClient({ ip: c.var.ip, headers: { get: (name) => c.req.header(name) }, places: c.var.places })
