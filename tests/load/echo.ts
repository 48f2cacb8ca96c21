import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { answerParent } from './harness/child.js'

/** What the API can't be faster than: Hono that reads the same JSON and writes the same JSON. */
let answer: object = {}
const app = new Hono()
app.post('/api/v1/sessions/verify', async (c) => {
  await c.req.json()
  return c.json(answer)
})
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as AddressInfo

answerParent(z.object({ answer: z.record(z.string(), z.unknown()) }), async (said) => {
  answer = said.answer
  return { port }
})
