import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { answerParent } from './harness/child.js'

/** What forward-auth can't be faster than: a route on Hono that lets everybody in. Empty, or nginx closes its connection. */
const app = new Hono()
app.get('/verify', (c) => c.body(''))
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as AddressInfo

answerParent(z.unknown(), async () => ({ port }))
