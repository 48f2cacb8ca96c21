import { clientAddress } from '../devices/address.js'
import { describeClient } from '../devices/client.js'
import type { Client } from '../devices/types.js'
import type { AppContext, Services } from './env.js'

/** Canonical address of the client, or null when none can be told. */
export const addressOf = (c: AppContext, { trustedProxies }: Pick<Services, 'trustedProxies'>): string | null =>
  clientAddress(c.env.incoming?.socket?.remoteAddress, { get: (name) => c.req.header(name) }, trustedProxies)

/** What the request tells of the device and the place that it came from. */
export const clientOf = (c: AppContext): Promise<Client> =>
  describeClient({ ip: c.var.ip, headers: { get: (name) => c.req.header(name) }, places: c.var.places })
