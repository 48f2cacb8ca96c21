import { z } from '@hono/zod-openapi'
import type { SessionId } from '../../db/ids.js'
import { APP_ENDINGS } from '../../sessions/stored/appEndings.js'
import { address, id, optional, paging } from '../schemas.js'
import { AccountNamed, method, SignInClient } from './sessionSchemas.js'

/** Base64url of 32 bytes has 43 characters, the last of which holds four bits. */
const KEY = /^[\w-]{42}[AEIMQUYcgkosw048]$/
const keyBytes = (given: string): Uint8Array => new Uint8Array(Buffer.from(given, 'base64url'))

const KEY_MEANS =
  'base64url(SHA-256(base64url(SHA-256(session id)))), without padding. The session id itself is a secret and stays in the app'

export const pathSid = z.object({
  sid: z
    .string()
    .regex(KEY, 'must be the session id, hashed twice')
    .transform(keyBytes)
    .openapi({
      type: 'string',
      param: { name: 'sid', in: 'path' },
      description: KEY_MEANS,
      example: 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0',
    }),
})

const process = z
  .string()
  .regex(/^[\x20-\x7e]{1,64}$/, 'must be printable ASCII of at most 64 characters')
  .openapi({ description: 'As `process` of /revocations: whoever follows them may hold the answer in memory' })

export const FindStored = z.strictObject({
  process: optional(process).openapi({ type: 'string' }),
  ip: optional(address).openapi({ type: 'string', description: 'Where the request comes from' }),
})

export const EndStored = z.strictObject({
  process: optional(process).openapi({ type: 'string' }),
  why: optional(z.enum(APP_ENDINGS)).openapi({ default: 'signed-out' }),
})

export const ListStored = z.strictObject({
  after: optional(z.string().regex(KEY, 'must be `next` of the page before').transform(keyBytes)).openapi({
    type: 'string',
    description: paging.after.description ?? '',
  }),
  limit: paging.limit,
})

const MAX_AGE = 'Seconds that it may lie unused; only ever shortens what the policy gives. null: by the policy alone'

export const KeepStored = z
  .strictObject({
    data: z.string().openapi({ description: 'JSON as the app writes it; it comes back to the letter' }),
    account: AccountNamed.nullable().optional().openapi({
      description: 'Who is signed in with it; null: nobody any more; left out: as before',
    }),
    client: SignInClient.optional().openapi({ description: 'Of the request that saves it' }),
    method,
    maxAge: z
      .int('must be a whole number of seconds')
      .min(1, 'must be at least 1 second')
      .max(400 * 86_400, 'must be at most 400 days')
      .nullable()
      .optional()
      .openapi({ description: MAX_AGE }),
    loadedWith: id<SessionId>()
      .nullable()
      .optional()
      .openapi({
        type: ['string', 'null'],
        description: '`session` of the answer that it was loaded with: of one that has ended since nothing is saved',
      }),
    process: process.optional(),
    moved: z
      .strictObject({
        unusedFor: z
          .int('must be a whole number of seconds')
          .min(0, 'must not be negative')
          .max(400 * 86_400, 'must be at most 400 days')
          .openapi({ description: 'Seconds since it was last used there: they count against its age' }),
        dryRun: z.boolean().optional().openapi({
          description: 'Say what would come of it, and change nothing; the answer names no session',
        }),
      })
      .optional()
      .openapi({
        description:
          'It comes from another store: stored only where nothing is, or was, under this id; the limit of sessions of one account waits for the next sign-in',
      }),
  })
  .openapi('KeepStored')

const session = z.string().nullable().openapi({ description: 'Of whoever is signed in with it; null: nobody is' })
const mayHold = z.boolean().openapi({
  description: '`process` may answer from its memory until an entry `stored` of /revocations names this id',
})

export const StoredOut = z.object({ data: z.string(), session, mayHold }).openapi('Stored')
export const KeptOut = z.object({ session, mayHold }).openapi('Kept')
export const StoredPageOut = z
  .object({
    items: z.array(z.object({ sid: z.string(), data: z.string(), session })),
    next: z.string().nullable().openapi({ description: 'Give it as `after` for the next page; null at the end' }),
  })
  .openapi('StoredPage')
export const StoredCount = z.object({ count: z.int() })
export const StoredEnded = z.object({
  ended: z.int().openapi({ description: 'How many people’s sessions ended with it' }),
})

export const TouchStored = z.strictObject({ client: SignInClient.optional() }).openapi('TouchStored')
export const StoredTouched = z.object({})
