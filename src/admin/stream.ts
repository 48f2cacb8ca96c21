import { Hono } from 'hono'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { pageStream } from '../http/streams.js'

/** One stream a browser: what changed, told once for all pages of the panel, and the end of its own session. */
export const streamRoutes = new Hono<AppEnv>()

streamRoutes.get('/', allow('viewer'), (c) => pageStream(c, { first: c.var.news.now(), tell: (told) => told.panel }))
