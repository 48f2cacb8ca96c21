import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../http/env.js'
import { badInput } from '../http/errors.js'

/** A parameter is given once, and is text. What two programs may read differently is refused (S-53). */
export const strictQuery = createMiddleware<AppEnv>(async (c, next) => {
  for (const [name, values] of Object.entries(c.req.queries())) {
    const path = name.slice(0, 100)
    if (values.length > 1) throw badInput([{ path, message: 'is given more than once' }])
    if (values.some((value) => value.includes('\0'))) throw badInput([{ path, message: 'holds a NUL character' }])
  }
  await next()
})
