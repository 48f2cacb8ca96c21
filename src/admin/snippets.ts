import type { Integration } from '../accounts/types.js'
import { caddySnippet, nginxSnippet, type ProxyNames } from './snippetsProxy.js'

/** Lines to copy, and the file or program that they are for. */
export interface Snippet {
  title: string
  text: string
}

export interface SnippetNames extends ProxyNames {
  /** Where apps reach Rollcall. */
  url: string
}

/** What an app of that kind needs to ask Rollcall. The key is in the environment, never in the lines. */
export function snippetsFor(integration: Integration, names: SnippetNames): Snippet[] {
  switch (integration) {
    case 'express':
      return [{ title: 'In your app, as a module (app.mjs)', text: express(names) }]
    case 'express-session':
      return [{ title: 'In your app, as a module (app.mjs)', text: expressSession(names) }]
    case 'hono':
      return [{ title: 'In your app, as a module (app.mjs)', text: hono(names) }]
    case 'node':
      return [{ title: 'In your app, as a module (app.mjs)', text: node(names) }]
    case 'proxy':
      return [
        { title: 'nginx, in a file of conf.d', text: nginxSnippet(names) },
        { title: 'Caddy, in its Caddyfile', text: caddySnippet(names) },
      ]
    case 'http':
      return [
        { title: 'Somebody signed in: start a session', text: firstSession(names) },
        { title: 'On each request: is it still good?', text: verify(names) },
        { title: 'Somebody signed out: end it', text: end(names) },
      ]
  }
}

const express = ({ url }: SnippetNames) => `import express from 'express'
import { createRollcall, requireSession } from 'rollcall/express'

const url = '${url}'
const rollcall = createRollcall({ url, key: process.env.ROLLCALL_KEY })
const app = express()
app.use(rollcall.attach())

app.get('/account', requireSession({ signIn: '/sign-in' }), (req, res) => {
  res.json(req.rollcall.account)
})
app.post('/sign-in', async (req, res) => {
  const { id, email, name } = await checkPassword(req) // yours
  await rollcall.startSession(req, res, { id, email, name })
  res.redirect('/account')
})
app.listen(4000)
`

const expressSession = ({ url }: SnippetNames) => `import express from 'express'
import session from 'express-session'
import { RollcallStore } from 'rollcall/express-session'

const url = '${url}'
const store = new RollcallStore({ url, key: process.env.ROLLCALL_KEY })
const secret = process.env.SESSION_SECRET
const app = express()
app.use(session({ store, secret, resave: false, saveUninitialized: false }))

app.get('/account', (req, res) => res.json({ id: req.session.userId }))
app.post('/sign-in', async (req, res) => {
  const { id, email, name } = await checkPassword(req) // yours
  // What passport keeps is found without this line.
  Object.assign(req.session, { userId: id, email, name })
  res.redirect('/account')
})
app.listen(4000)
`

const hono = ({ url }: SnippetNames) => `import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { createRollcall, requireSession } from 'rollcall/hono'

const url = '${url}'
const clientIp = (c) => getConnInfo(c).remote.address
const rollcall = createRollcall({ url, key: process.env.ROLLCALL_KEY, clientIp })
const app = new Hono()
app.use(rollcall.attach())

app.get('/account', requireSession({ signIn: '/sign-in' }), (c) => {
  return c.json(c.get('account'))
})
app.post('/sign-in', async (c) => {
  const { id, email, name } = await checkPassword(c.req) // yours
  await rollcall.startSession(c, { id, email, name })
  return c.redirect('/account')
})
serve({ fetch: app.fetch, port: 4000 })
`

/** Also in the README. */
const node = ({ url }: SnippetNames) => `import { createServer } from 'node:http'
import { createRollcall, requireSession } from 'rollcall/express'

const url = '${url}'
const rollcall = createRollcall({ url, key: process.env.ROLLCALL_KEY })
const attach = rollcall.attach()
const guard = requireSession({ signIn: '/sign-in' })

// Fastify hands these two out as request.raw and reply.raw, Koa as ctx.req and ctx.res.
const server = createServer((req, res) =>
  attach(req, res, () => {
    if (req.method === 'POST' && req.url === '/sign-in') signIn(req, res)
    else guard(req, res, () => res.end(JSON.stringify(req.rollcall.account)))
  }),
)
async function signIn(req, res) {
  try {
    const { id, email, name } = await checkPassword(req) // yours
    await rollcall.startSession(req, res, { id, email, name })
    res.writeHead(302, { location: '/account' }).end()
  } catch (error) {
    res.writeHead(error.status ?? 500).end(error.message)
  }
}
server.listen(4000)
`

/** Also on the overview of a new installation. */
export const firstSession = ({ url }: Pick<SnippetNames, 'url'>): string => `curl -s ${url}/api/v1/sessions \\
  -H "Authorization: Bearer $ROLLCALL_KEY" -H 'Content-Type: application/json' \\
  -d '{"account": {"email": "ada@example.com", "name": "Ada"},
       "client": {"ip": "203.0.113.7", "userAgent": "Mozilla/5.0 Firefox/145.0"}}'
`

/** With `client` it counts as a use: without, people would be idle while they click. */
const verify = ({ url }: SnippetNames) => `curl -s ${url}/api/v1/sessions/verify \\
  -H "Authorization: Bearer $ROLLCALL_KEY" -H 'Content-Type: application/json' \\
  -d '{"token": "rcs_...",
       "client": {"ip": "203.0.113.7", "userAgent": "Mozilla/5.0 Firefox/145.0"}}'
`

const end = ({ url }: SnippetNames) => `curl -s -X DELETE "${url}/api/v1/sessions/SESSION_ID?why=signed-out" \\
  -H "Authorization: Bearer $ROLLCALL_KEY"
`
