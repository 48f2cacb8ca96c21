import type { z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { Scope } from '../accounts/types.js'
import type { AppEnv } from '../http/env.js'
import { strictBody } from './body.js'
import { idempotent, idempotentOutside } from './idempotency.js'
import { strictQuery } from './query.js'
import { Problem } from './schemas.js'
import { scope } from './scope.js'

/** What every operation declares and passes through first; the order matters: nothing is read before the key is known. */
export const forScope = (needed: Scope) => ({ ...declared(needed), middleware: [scope(needed), strictQuery] })

/** The same for an operation with a body. */
export const forScopeWithBody = (needed: Scope) => ({
  ...declared(needed),
  middleware: [scope(needed), strictQuery, strictBody],
})

interface DoneOnce extends ReturnType<typeof declared> {
  parameters: (typeof IDEMPOTENCY_KEY)[]
  middleware: MiddlewareHandler<AppEnv>[]
}

/** The same for a POST that creates, sends, or ends many at once: with `Idempotency-Key` it is done once. */
export const forScopeCreating = (needed: Scope): DoneOnce => ({
  ...declared(needed),
  parameters: [IDEMPOTENCY_KEY],
  middleware: [scope(needed), strictQuery, strictBody, idempotent],
})

/** The same where such a POST has no body. */
export const forScopeOnce = (needed: Scope): DoneOnce => ({
  ...declared(needed),
  parameters: [IDEMPOTENCY_KEY],
  middleware: [scope(needed), strictQuery, idempotent],
})

/** Where it waits for somebody else: with a body, and without one. */
export const forScopeCreatingOutside = (needed: Scope): DoneOnce => ({
  ...declared(needed),
  parameters: [IDEMPOTENCY_KEY],
  middleware: [scope(needed), strictQuery, strictBody, idempotentOutside],
})

export const forScopeAsking = (needed: Scope): DoneOnce => ({
  ...declared(needed),
  parameters: [IDEMPOTENCY_KEY],
  middleware: [scope(needed), strictQuery, idempotentOutside],
})

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  description:
    'One of your own for each act, kept for a day: sent again it is not done again, and gets the same answer, with the header `Idempotency-Replayed: true`',
  schema: { type: 'string' as const, pattern: '^[\\x21-\\x7e]{1,255}$' },
}

const declared = (needed: Scope) => ({
  security: [{ key: [] }],
  description: [`Needs the scope \`${needed}\`.`, REACH[needed]].filter(Boolean).join(' '),
})

/** Said where a scope reaches further than the key's own app. */
const REACH: Partial<Record<Scope, string>> = {
  'accounts:write': 'That scope reaches the people of all apps.',
  'blocks:write': 'A block holds in all apps.',
  'audit:read': 'That scope gives the whole log, with what was done and seen in all other apps.',
}

export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
})

export const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

const WORDS = {
  400: 'Something in the request is not right; `errors` says what',
  401: 'No valid API key',
  403: 'The key may not do that, or the account or network is blocked',
  404: 'There is none, or it is not the key’s to see',
  409: 'It contradicts what is there, or the same `Idempotency-Key` is being worked on',
  410: 'It is over; nothing was changed',
  413: 'The body is larger than 64 KiB',
  415: 'The body is not application/json',
  422: 'It can’t be done as asked',
  429: 'Too many of them are open, or under way',
} as const
type Status = keyof typeof WORDS

export const problem = (status: Status) =>
  described(WORDS[status], status === 429 || status === 409 ? RETRY_AFTER : undefined)

/** Where waiting helps. */
const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds; where it is there, waiting helps', schema: { type: 'integer' as const } },
}

const described = (description: string, headers?: typeof RETRY_AFTER) => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/problem+json': { schema: Problem } },
})

/** Every operation has these; with a body, two more. `default` is what a fault answers (500, 503), and who asks too often (429). */
const READING = [400, 401, 403] as const
const WITH_BODY = [400, 401, 403, 413, 415] as const

export const problems = <const S extends Status>(...more: S[]) =>
  documented<(typeof READING)[number] | S>([...READING, ...more])
export const bodyProblems = <const S extends Status>(...more: S[]) =>
  documented<(typeof WITH_BODY)[number] | S>([...WITH_BODY, ...more])

type Documented<S extends Status> = Record<S, ReturnType<typeof described>> & { default: ReturnType<typeof described> }

function documented<S extends Status>(statuses: Status[]): Documented<S> {
  const entries = statuses.map((status) => [status, problem(status)])
  return {
    ...Object.fromEntries(entries),
    default: described(
      'The key asks too often (429), a fault on our side, or the database does not answer',
      RETRY_AFTER,
    ),
  }
}
