import { Hono } from 'hono'
import type { Change } from '../db/changes.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { pageStream } from '../http/streams.js'

/** One stream a page of the panel: what changed, and the end of its own session. */
export const streamRoutes = new Hono<AppEnv>()

streamRoutes.get('/', allow('viewer'), (c) => pageStream(c, eventFor))

function eventFor(change: Change): string | undefined {
  if (change.kind === 'policy') return undefined
  return change.kind === 'audit' ? 'audit' : 'sessions'
}
