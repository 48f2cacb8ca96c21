import connectPgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import { sign } from 'cookie-signature'
import express from 'express'
import session from 'express-session'
import pg from 'pg'
import { createClient } from 'redis'
import { people } from './people.mjs'
import { tellParent } from './serve.mjs'

/** An authenticated endpoint on Express as its documentation has it: `expressSession.mjs postgres|redis|memory|rollcall COUNT`. */
const [kind, count] = process.argv.slice(2)
const SECRET = 'a secret of thirty-two characters'
const MAX_AGE = 30 * 86_400_000

const store = await openStore()
const cookies = []
for (const { id, name, email } of people(Number(count))) {
  const cookie = { maxAge: MAX_AGE, originalMaxAge: MAX_AGE, expires: new Date(Date.now() + MAX_AGE), path: '/' }
  await new Promise((resolve, reject) => {
    store.set(id, { cookie, account: { id, name, email } }, (error) => (error ? reject(error) : resolve()))
  })
  cookies.push(`connect.sid=${encodeURIComponent(`s:${sign(id, SECRET)}`)}`)
}

const app = express()
app.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: MAX_AGE } }))
app.get('/me', (req, res) => {
  if (!req.session.account) return res.status(401).json({ error: 'signed out' })
  res.json(req.session.account)
})
const server = app.listen(0, '127.0.0.1', () => tellParent(server, cookies))

async function openStore() {
  if (kind === 'postgres') {
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
    return new (connectPgSimple(session))({ pool, createTableIfMissing: true })
  }
  if (kind === 'redis') {
    const client = createClient({ url: process.env.REDIS_URL })
    await client.connect()
    return new RedisStore({ client })
  }
  if (kind === 'rollcall') {
    const { RollcallStore } = await import('../../../dist/src/client/expressSession.js')
    const { ROLLCALL_URL: url, ROLLCALL_KEY: key } = process.env
    const rollcall = new RollcallStore({ url, key, name: 'load', account: ({ account }) => account })
    await rollcall.verifier.started
    return rollcall
  }
  return new session.MemoryStore()
}
