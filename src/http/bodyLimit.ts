import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './env.js'
import { PublicError } from './errors.js'

const LARGEST_BODY = 64 * 1024
/** Where a file is taken in. */
const LARGER_BODIES: ReadonlyMap<string, number> = new Map([['/admin/blocks/import', 1024 * 1024]])

/**
 * Hono's own looks at the body first, for which the adapter makes a web stream of it: work for each request, and young
 * collections then keep whatever the process does afterwards. A length that was sent is enough: Node's parser holds the
 * client to it, and refuses a request that has both it and an encoding (RFC 9112, 6.3).
 */
export const limitBody = createMiddleware<AppEnv>(async (c, next) => {
  const largest = LARGER_BODIES.get(c.req.path) ?? LARGEST_BODY
  if (c.req.header('transfer-encoding') !== undefined)
    return bodyLimit({ maxSize: largest, onError: () => tooLarge(largest) })(c, next)
  const length = Number(c.req.header('content-length') ?? 0)
  if (length > largest) {
    if (length <= MOST_DRAINED) await drain(c)
    tooLarge(largest)
  }
  return next()
})

/** Who sends a file a little too large is still sending it: cut off in it, a browser would not show the answer. */
const MOST_DRAINED = 4 * 1024 * 1024
const LONGEST_DRAIN_MS = 5_000

async function drain({ env }: Context<AppEnv>): Promise<void> {
  const incoming = env?.incoming
  if (!incoming || incoming.readableEnded || incoming.destroyed) return
  const over = new AbortController()
  const ended = Promise.race([once(incoming, 'end', over), once(incoming, 'close', over)])
  incoming.resume()
  await Promise.race([ended, pause(LONGEST_DRAIN_MS, undefined, over)]).catch(() => {})
  over.abort()
  await ended.catch(() => {})
}

function tooLarge(largest: number): never {
  throw new PublicError(
    413,
    'too-large',
    'The request is too large',
    `At most ${largest / 1024} KiB are read. Nothing was changed.`,
  )
}
