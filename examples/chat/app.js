import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import express from 'express'
import proxyAddress from 'proxy-addr'
import { createRollcall, requireSession } from 'rollcall/express'
import { WebSocketServer } from 'ws'

/** In the place of your users and their hashed passwords. */
const USERS = [
  { id: 'mara', name: 'Mara Lindqvist', email: 'mara@shop.example', password: 'a kettle in the rain' },
  { id: 'priya', name: 'Priya Raman', email: 'priya@shop.example', password: 'nine green bottles' },
]

const { ROLLCALL_URL: url = 'http://localhost:3000', ROLLCALL_KEY: key, PORT: port = '4002' } = process.env

const rollcall = createRollcall({
  url,
  key,
  name: 'chat-1',
  // Over https leave it out: the default is `__Host-session`. Browsers keep one jar for all ports of localhost.
  cookie: 'chat',
  method: 'password',
  // Sockets don't come through Express, so `trust proxy` does not count for them: this does for both.
  clientIp: (request) => proxyAddress(request, 'loopback'),
})

const app = express()
app.use(rollcall.attach())
app.use(express.urlencoded({ extended: false }))

app.get('/', requireSession({ signIn: '/sign-in' }), (_req, res) => res.type('html').send(file('chat.html')))
app.get('/chat.js', (_req, res) => res.type('js').send(file('chat.js')))
app.get('/sign-in', (_req, res) => res.type('html').send(file('sign-in.html')))
app.post('/sign-in', async (req, res) => {
  const { email, password } = req.body
  const user = USERS.find((one) => one.email === email && one.password === password)
  if (user) await rollcall.startSession(req, res, user)
  res.redirect(user ? '/' : '/sign-in')
})
app.post('/sign-out', async (req, res) => {
  await rollcall.endSession(req, res)
  res.redirect('/sign-in')
})
app.use((error, _req, res, _next) => {
  if (!error.code) console.error(error)
  res.status(error.status ?? 500).send(error.code === 'blocked' ? 'You can’t sign in.' : 'Try again in a moment.')
})

const server = createServer(app)
// Browsers let any page open a socket, and send the cookies along.
const isOwnPage = ({ origin, req }) => origin === `http://${req.headers.host}`
const sockets = new WebSocketServer({ server, verifyClient: isOwnPage, maxPayload: 4096 })
const inside = new Set()
sockets.on('connection', async (ws, request) => {
  const who = await rollcall.guardSocket(ws, request)
  if (!who) return
  inside.add(ws)
  ws.on('close', () => inside.delete(ws))
  ws.on('message', (text) => {
    for (const one of inside) one.send(`${who.account.name}: ${text}`)
  })
  ws.send(`Hello ${who.account.name}. ${inside.size} here.`)
})

server.listen(Number(port), '127.0.0.1', () => console.log(`The chat is at http://localhost:${port}`))
process.on('SIGTERM', () => {
  for (const ws of inside) ws.close(1001)
  server.close(() => rollcall.stop())
})

function file(name) {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}
