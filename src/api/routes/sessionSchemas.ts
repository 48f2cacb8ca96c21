import { z } from '@hono/zod-openapi'
import { ROLES } from '../../accounts/types.js'
import type { AccountId, AppId } from '../../db/ids.js'
import { DEVICE_TYPES } from '../../devices/types.js'
import { dayCount, dayCountText } from '../../http/times.js'
import { NARROWING } from '../../sessions/many/revokeMatching.js'
import { APP_ENDINGS } from '../../sessions/stored/appEndings.js'
import { MOST_UNSEEN_DAYS, SESSION_SORTS } from '../../sessions/types.js'
import {
  address,
  addressOrNetwork,
  id,
  idOfMany,
  ONE_WAY,
  oneWay,
  optional,
  paging,
  Reason,
  text,
  time,
  timeIn,
} from '../schemas.js'
import { position } from './revocationSchemas.js'
import { SessionOut } from './sessionOut.js'

const country = z
  .string()
  .regex(/^([A-Z]{2}|unknown)$/, 'must be two capital letters (ISO 3166-1), or unknown')
  .openapi({ example: 'DE' })

/** What a list and a bulk act can be narrowed by. */
const filters = {
  account: id<AccountId>(),
  app: id<AppId>(),
  q: text(200).openapi({ description: 'Part of a name or an e-mail address, an address, a network or an id' }),
  ip: addressOrNetwork,
  country,
  browser: text(100).openapi({ example: 'Firefox' }),
  version: text(40).openapi({ description: 'Of the browser: its leading number, or the whole', example: '98' }),
  os: text(100).openapi({ example: 'Windows' }),
  device: z.enum(DEVICE_TYPES),
  method: text(40),
  since: timeIn,
  unseenDays: dayCount,
}

export const EndOne = Reason.extend({
  why: optional(z.enum(APP_ENDINGS)).openapi({
    description:
      'What the person did, where the app ends it for them: `signed-out` in the app, or `replaced` because they signed in anew. Only about sessions of the key’s own app. Left out: `revoked`, by the key',
  }),
})

export const SessionQuery = z
  .strictObject({
    account: optional(filters.account),
    app: optional(filters.app),
    q: optional(filters.q),
    ip: optional(filters.ip),
    country: optional(filters.country),
    browser: optional(filters.browser),
    version: optional(filters.version),
    os: optional(filters.os),
    device: optional(filters.device),
    method: optional(filters.method),
    since: optional(filters.since).openapi({
      type: 'string',
      format: 'date-time',
      description: 'Signed in at or after',
    }),
    unseenDays: optional(dayCountText).openapi({
      type: 'integer',
      minimum: 1,
      maximum: MOST_UNSEEN_DAYS,
      description: 'Not used for so many days',
    }),
    state: optional(z.enum(['live', 'ended', 'all'])).openapi({ default: 'live' }),
    sort: optional(z.enum(SESSION_SORTS)).openapi({
      default: 'newest',
      description:
        '`newest`, `oldest`: by sign-in time. `seen`, `unseen`: live ones by when they were last used, the latest or the longest ago first; where more than 10,000 match by the day, and within it by sign-in time',
    }),
    ...paging,
  })
  .refine(oneWay, ONE_WAY)
  .refine(({ sort, state }) => (sort !== 'seen' && sort !== 'unseen') || (state ?? 'live') === 'live', {
    message: 'sorts live sessions alone',
    path: ['sort'],
  })

export const RevokeMatching = z
  .strictObject({
    filter: z
      .strictObject(filters)
      .partial()
      .refine((filter) => NARROWING.some((name) => filter[name] !== undefined), {
        message: `must narrow the sessions down by at least one of ${NARROWING.join(', ')}: ending everyone’s is its own act`,
      })
      .refine((filter) => !filter.ip?.endsWith('/0'), {
        path: ['ip'],
        message: 'is every address there is: ending everyone’s sessions is its own act',
      }),
    reason: text(500),
    dryRun: z.boolean().optional(),
    expected: z
      .int()
      .min(0, 'must not be negative')
      .optional()
      .openapi({ description: 'What a dry run counted: where many more match now, nothing is ended' }),
  })
  .openapi('RevokeMatching')

export const ClientIn = z.strictObject({
  ip: address.nullable().openapi({
    type: ['string', 'null'],
    description: 'Where the request came from, as the app saw it; null: not known',
  }),
  userAgent: z
    .string()
    .nullish()
    .transform((given) => given ?? '')
    .openapi({
      type: ['string', 'null'],
      description: 'As the request brought it, if it did; the first 1,024 characters are kept',
    }),
})

/** Who signs in, as an app says it. */
export const AccountNamed = z
  .strictObject({
    id: id<AccountId>('must be an id of Rollcall (a UUID); your own user id is externalId')
      .optional()
      .openapi({ description: 'Rollcall’s own id of the account; that of the app is `externalId`' }),
    externalId: text(200).optional().openapi({ description: 'The app’s own user id' }),
    email: text(254).optional().openapi({ description: 'The app vouches for it' }),
    name: text(200).optional(),
  })
  .refine((named) => named.id ?? named.externalId ?? named.email, {
    message: 'must name the account by id, externalId or email',
  })

/** Of the request that signs in. */
export const SignInClient = ClientIn.extend({
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be a header’s name'), z.string())
    .optional()
    .openapi({ description: 'Client Hints that came with the request' }),
})

export const method = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be a word such as password, passkey, saml')
  .default('app')

export const StartSession = z
  .strictObject({
    app: id<AppId>().optional().openapi({ description: 'Keys with scope admin; else it is the key’s own' }),
    account: AccountNamed,
    client: SignInClient,
    method,
    expiresIn: z
      .int('must be a whole number of seconds')
      .min(1, 'must be at least 1 second')
      .max(400 * 86_400, 'must be at most 400 days')
      .optional()
      .openapi({ description: 'Seconds; only ever shortens what the policy gives' }),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('StartSession')

export const Started = z
  .object({
    session: SessionOut,
    token: z.string().openapi({ description: 'The session token: shown this once, for the client’s cookie' }),
  })
  .openapi('Started')

const DENIALS = ['unknown', 'ended', 'expired', 'idle', 'blocked', 'network-blocked'] as const

export const VerifySession = z
  .strictObject({
    token: z.string().max(4_096, 'must have at most 4096 characters'),
    client: ClientIn.optional().openapi({
      description:
        'Of the request that brought the token: counts as activity. Left out, it is none, and a blocked network is known by the address last seen alone',
    }),
    background: z.boolean().optional().openapi({
      description: 'No activity: a timer of an open page, or a use that /sessions/touch tells (S-07)',
    }),
    fresh: z.boolean().optional().openapi({ description: 'Ask the database, whatever is remembered' }),
    position: position.optional().openapi({
      type: 'string',
      description: 'What the asking process has applied of /revocations: no less is known to who answers',
    }),
  })
  .openapi('VerifySession')

/** @see RememberedFor */
const memory = z.object({
  age: z.number().openapi({ description: 'Milliseconds since what this rests on was known to be so' }),
  expiresInMs: z.number(),
  idleInMs: z.number(),
})
const MEMORY = 'There where a position was given: for how long the verdict may be remembered, as durations'

export const Verified = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('active'),
      session: z.object({
        id: z.string(),
        appId: z.string(),
        method: z.string(),
        createdAt: time,
        expiresAt: time,
        idleTimeoutMs: z.int(),
      }),
      account: z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), role: z.enum(ROLES) }),
      memory: memory.optional().openapi({ description: MEMORY }),
    }),
    z.object({
      status: z.literal('denied'),
      reason: z.enum(DENIALS),
      memory: memory.pick({ age: true }).optional().openapi({ description: MEMORY }),
    }),
  ])
  .openapi('Verdict')

export const Counted = z.object({ count: z.int() })

export const TouchSessions = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          id: idOfMany,
          secondsAgo: z.number().min(0, 'must not lie ahead').max(86_400, 'must be at most a day'),
          ip: address
            .nullable()
            .optional()
            .openapi({ type: ['string', 'null'] }),
          requests: z.int().min(0).max(1_000_000).default(1),
        }),
      )
      .max(500, 'must be at most 500')
      .refine((items) => new Set(items.map((item) => item.id)).size === items.length, 'names a session twice'),
  })
  .openapi('TouchSessions')
export const Touched = z.object({ ended: z.array(z.string()) })
