import { z } from '@hono/zod-openapi'
import { type ApiKey, ROLES } from '../../accounts/types.js'
import { DEVICE_TYPES } from '../../devices/types.js'
import { END_REASONS, type Session } from '../../sessions/types.js'
import { pageOf, time } from '../schemas.js'
import { hasScope } from '../scope.js'

const ipOut = z.string().nullable()

const Place = z
  .object({
    kind: z.enum(['place', 'private', 'unknown']),
    country: z.string().nullable().openapi({ description: 'ISO 3166-1 alpha-2' }),
    region: z.string().nullable(),
    city: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    asn: z.int().nullable(),
    networkOwner: z.string().nullable(),
  })
  .openapi('Place')

const Device = z
  .object({
    browser: z.string().nullable(),
    browserVersion: z.string().nullable(),
    os: z.string().nullable(),
    osVersion: z.string().nullable(),
    type: z.enum(DEVICE_TYPES),
    model: z.string().nullable(),
  })
  .openapi('Device')

const End = z
  .object({
    at: time,
    reason: z.enum(END_REASONS),
    note: z
      .string()
      .nullable()
      .openapi({ description: 'What was written as the reason; null for keys without the scope admin' }),
    by: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }).nullable(),
  })
  .openapi('End')

export const SessionOut = z
  .object({
    id: z.string().openapi({ format: 'uuid', description: 'Public: alone it proves nothing' }),
    account: z.object({
      id: z.string(),
      name: z.string(),
      email: z.string().nullable(),
      role: z.enum(ROLES),
      blocked: z.boolean(),
    }),
    app: z.object({ id: z.string(), name: z.string() }),
    state: z.enum(['live', 'ended']),
    createdAt: time,
    expiresAt: time,
    lastSeenAt: time,
    requests: z.int(),
    method: z.string(),
    ip: ipOut,
    place: Place,
    lastIp: ipOut,
    lastPlace: Place,
    device: Device,
    userAgent: z.string(),
    end: End.nullable(),
  })
  .openapi('Session')

/** What an admin wrote as the reason is for admins: an app's key does not get it. */
export const sessionOut = (session: Session, key: ApiKey): z.infer<typeof SessionOut> => ({
  ...session,
  app: { id: session.app.id, name: session.app.name },
  createdAt: session.createdAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  end: session.end && {
    at: session.end.at.toISOString(),
    reason: session.end.reason,
    note: hasScope(key, 'admin') ? session.end.note : null,
    by: session.end.by,
  },
})

export const SessionPage = pageOf(SessionOut)
  .extend({
    notice: z
      .string()
      .nullable()
      .openapi({ description: 'Where q means more people than are looked at: how many, and what to do. Else null' }),
  })
  .openapi('SessionPage')
