import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { createRollcall, RollcallFailure, requireSession } from 'rollcall/hono'

/** In the place of your users and their hashed passwords. */
const USERS = [
  { id: 'm-17', name: 'Mara Lindqvist', email: 'mara@shop.example', password: 'a kettle in the rain' },
  { id: 'p-18', name: 'Priya Raman', email: 'priya@shop.example', password: 'nine green bottles' },
]

const { ROLLCALL_URL: url = 'http://localhost:3000', ROLLCALL_KEY: key, PORT: port = '4001' } = process.env

/** Only this machine reaches the app. A proxy on it says whom it asks for, at the end; without a proxy believe no header. */
const clientIp = (c) => c.req.header('x-forwarded-for')?.split(',').at(-1).trim() ?? getConnInfo(c).remote.address

const rollcall = createRollcall({
  url,
  key,
  name: 'library-1',
  // Over https leave it out: the default is `__Host-session`. Browsers keep one jar for all ports of localhost.
  cookie: 'library',
  method: 'password',
  clientIp,
})

const app = new Hono()
app.use(rollcall.attach())

app.get('/', requireSession({ signIn: '/sign-in' }), (c) =>
  c.html(
    page(html`<p>Hello ${c.get('account').name}. Two books are due on Friday.</p>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`),
  ),
)
app.get('/sign-in', (c) => c.html(page(form())))
app.post('/sign-in', async (c) => {
  const { email, password } = await c.req.parseBody()
  const user = USERS.find((one) => one.email === email && one.password === password)
  if (!user) return c.html(page(form('That is not right.')), 401)
  await rollcall.startSession(c, user)
  return c.redirect('/', 303)
})
app.post('/sign-out', async (c) => {
  await rollcall.endSession(c)
  return c.redirect('/sign-in', 303)
})
app.onError((error, c) => {
  if (!(error instanceof RollcallFailure)) throw error
  return error.code === 'blocked'
    ? c.html(page(form('You can’t sign in.')), 403)
    : c.html(page(form('Try again in a moment.')), 503)
})

const server = serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, () =>
  console.log(`The library is at http://localhost:${port}`),
)
process.on('SIGTERM', () => server.close(() => rollcall.stop()))

const form = (problem) => html`${problem && html`<p role="alert">${problem}</p>`}<form method="post" action="/sign-in">
  <p><label>E-mail <input name="email" type="email" autocomplete="username" required></label></p>
  <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
  <button>Sign in</button></form>`
const page = (content) => html`<!doctype html><html lang="en"><meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>Library</title>
  <style>body { font: 1.1rem/1.5 system-ui; margin: 3rem auto; max-width: 24rem; padding: 0 1rem; color-scheme: light dark }</style>
  <h1>Library</h1>${content}</html>`
