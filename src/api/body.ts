import { isUtf8 } from 'node:buffer'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../http/env.js'
import { badInput, PublicError } from '../http/errors.js'
import { findJsonProblem } from './strictJson.js'

const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i

/** Lets JSON in UTF-8 pass that means one thing to every reader; the schema checks come after (S-53). */
export const strictBody = createMiddleware<AppEnv>(async (c, next) => {
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '')) {
    throw new PublicError(
      415,
      'not-json',
      'This address takes JSON',
      'Send the body with Content-Type: application/json, in UTF-8. Nothing was changed.',
    )
  }
  const text = decode(await c.req.arrayBuffer())
  // Whoever reads the JSON after this would have Hono make a web response of the bytes first, for each request.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) })
  const found = findJsonProblem(text)
  if (found)
    throw found.path === 'request' && found.message === 'is not JSON' ? malformed(found.message) : badInput([found])
  await next()
})

/** Any other bytes would be read as something else than they are. A decoder of its own for each body would cost more. */
function decode(bytes: ArrayBuffer): string {
  const body = Buffer.from(bytes)
  if (!isUtf8(body)) throw malformed('is not UTF-8')
  return body.toString('utf8')
}

const malformed = (message: string) =>
  new PublicError(400, 'malformed-json', 'The body can’t be read', `It ${message}. Nothing was changed.`, {
    errors: [{ path: 'request', message }],
  })
