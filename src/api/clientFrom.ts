import type { z } from '@hono/zod-openapi'
import { describeClient } from '../devices/client.js'
import type { Client } from '../devices/types.js'
import type { AppContext } from '../http/env.js'
import type { SignInClient } from './routes/sessionSchemas.js'

/** What a person signs in from, as their app tells of it. */
export function clientFrom(c: AppContext, told: z.output<typeof SignInClient>): Promise<Client> {
  const headers = new Map(Object.entries(told.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  headers.set('user-agent', told.userAgent)
  return describeClient({ ip: told.ip, headers, places: c.var.places })
}
