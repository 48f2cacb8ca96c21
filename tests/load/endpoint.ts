import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { createVerifier, honoSession } from '../../src/client/honoDoor.js'
import { answerParent } from './harness/child.js'
import { prepareCheck } from './harness/peers.js'
import { person } from './harness/people.js'
import { KEY } from './harness/rollcall.js'

/** An endpoint on Hono that says who is asking, behind one kind of check: `endpoint.js KIND [VARIANT]`. */
const [kind = '', variant = ''] = process.argv.slice(2)
const TOKENS = 200
const TOKEN_LENGTH = 69

const ANYONE = { id: '019abc00-0000-7000-8000-000000000000', ...person(7) }

type Env = { Variables: { session: unknown; account: unknown } }

const readTheHeader: MiddlewareHandler<Env> = async (c, next) => {
  c.req.header('cookie')
  await next()
}

const { middleware, cookies } = await prepare()
const app = new Hono<Env>()
if (middleware) app.use('/me', middleware)
app.get('/me', (c) => c.json(c.get('account') ?? ANYONE))

const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', createServer })
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as AddressInfo
answerParent(z.unknown(), async () => ({ port, cookies }))

async function prepare(): Promise<{ middleware?: MiddlewareHandler<Env>; cookies: string[] }> {
  const anything = [`session=${'x'.repeat(TOKEN_LENGTH)}`]
  if (kind === 'bare') return { cookies: anything }
  if (kind === 'nothing') return { cookies: anything, middleware: readTheHeader }
  if (kind === 'map') return mapLookUp(Number(variant))
  if (kind === 'rollcall') return { cookies: [], middleware: await ours(variant) }
  const { tokens, check } = await prepareCheck(kind, variant, TOKENS)
  const isCookieHeader = kind === 'betterAuth.mjs'
  return {
    cookies: isCookieHeader ? tokens : tokens.map((token) => `session=${token}`),
    middleware: async (c, next) => {
      const token = isCookieHeader ? c.req.header('cookie') : getCookie(c, 'session')
      const account = token && (await check(token))
      if (!account) return c.json({ error: 'signed out' }, 401)
      c.set('account', account)
      await next()
    },
  }
}

/** What no check of a session that can be ended does without: a look-up of the token in memory, of so many people's. */
function mapLookUp(count: number): { middleware: MiddlewareHandler<Env>; cookies: string[] } {
  const tokens = Array.from({ length: count }, () => randomBytes(52).toString('base64url').slice(0, TOKEN_LENGTH))
  const accounts = new Map(tokens.map((token, i) => [token, { id: ANYONE.id, ...person(i) }]))
  const name = 'session='
  return {
    cookies: tokens.map((token) => name + token),
    middleware: async (c, next) => {
      const account = accounts.get(c.req.header('cookie')?.slice(name.length) ?? '')
      if (!account) return c.json({ error: 'signed out' }, 401)
      c.set('account', account)
      await next()
    },
  }
}

/** @param url of a node; which sessions there are, the caller knows */
async function ours(url: string): Promise<MiddlewareHandler> {
  const verifier = createVerifier({ url, key: KEY, name: 'load' })
  await verifier.started
  return honoSession<Context>(verifier, {
    cookie: 'session',
    clientIp: (c) => getConnInfo(c).remote.address,
  })
}
