import { describeClient } from '../devices/client.js'
import type { Client } from '../devices/types.js'
import type { AppContext } from './env.js'

/** What the request tells of the device and the place that it came from. */
export const clientOf = (c: AppContext): Promise<Client> =>
  describeClient({ ip: c.var.ip, headers: { get: (name) => c.req.header(name) }, places: c.var.places })
