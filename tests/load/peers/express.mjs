import express from 'express'
import { tellParent } from './serve.mjs'

/** An endpoint on Express that says who is asking: `express.mjs bare|rollcall`. */
const [kind] = process.argv.slice(2)
const ANYONE = {
  id: '019abc00-0000-7000-8000-000000000000',
  name: 'Katharina Hoffmann',
  email: 'katharina@northwind.example',
}

const app = express()
if (kind === 'rollcall') {
  const { createRollcall, requireSession } = await import('../../../dist/src/client/express.js')
  const { ROLLCALL_URL: url, ROLLCALL_KEY: key } = process.env
  const rollcall = createRollcall({ url, key, name: 'load', cookie: 'session' })
  await rollcall.verifier.started
  app.use(rollcall.attach(), requireSession())
}
app.get('/me', (req, res) => res.json(req.rollcall?.account ?? ANYONE))
const server = app.listen(0, '127.0.0.1', () => tellParent(server, [`session=${'x'.repeat(69)}`]))
