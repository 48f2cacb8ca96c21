import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy } from 'passport-local'
import { RollcallStore } from 'rollcall/express-session'

/** In the place of your users and their hashed passwords. */
const USERS = [
  { id: '1', name: 'Mara Lindqvist', email: 'mara@shop.example', password: 'a kettle in the rain' },
  { id: '2', name: 'Priya Raman', email: 'priya@shop.example', password: 'nine green bottles' },
]

passport.use(
  new Strategy({ usernameField: 'email' }, (email, password, done) => {
    const user = USERS.find((one) => one.email === email && one.password === password)
    done(null, user ?? false)
  }),
)
passport.serializeUser(({ id, name, email }, done) => done(null, { id, name, email }))
passport.deserializeUser((user, done) => done(null, user))

const { ROLLCALL_URL: url = 'http://localhost:3000', ROLLCALL_KEY: key, PORT: port = '4000' } = process.env

// This is the line that changes in an app that has a store already.
const store = new RollcallStore({ url, key, name: 'shop-1', method: 'password' })

const app = express()
app.set('trust proxy', 'loopback')
app.use(
  session({
    store,
    secret: process.env.SESSION_SECRET ?? 'only for the example',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 24 * 60 * 60 * 1000, sameSite: 'lax', secure: 'auto' },
  }),
)
app.use(passport.authenticate('session'))
app.use(express.urlencoded({ extended: false }))

app.get('/', (req, res) => {
  if (!req.user) return res.redirect('/sign-in')
  req.session.visits = (req.session.visits ?? 0) + 1
  const times = req.session.visits === 1 ? 'once' : `${req.session.visits} times`
  res.send(
    page(`<p>Hello ${escaped(req.user.name)}. You have been here ${times}.</p>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`),
  )
})
app.get('/sign-in', (req, res) => {
  const failed = req.query.failed === undefined ? '' : '<p role="alert">That is not right.</p>'
  res.send(
    page(`${failed}<form method="post">
      <p><label>E-mail <input name="email" type="email" autocomplete="username" required></label></p>
      <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
      <button>Sign in</button></form>`),
  )
})
app.post(
  '/sign-in',
  passport.authenticate('local', { successRedirect: '/', failureRedirect: '/sign-in?failed', keepSessionInfo: false }),
)
app.post('/sign-out', (req, res, next) => {
  req.logout((error) => (error ? next(error) : res.redirect('/sign-in')))
})

const server = app.listen(Number(port), '127.0.0.1', () => console.log(`The shop is at http://localhost:${port}`))
process.on('SIGTERM', () => server.close(() => store.stop()))

const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
const page = (content) => `<!doctype html><html lang="en"><meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>Shop</title>
  <style>body { font: 1.1rem/1.5 system-ui; margin: 3rem auto; max-width: 24rem; padding: 0 1rem; color-scheme: light dark }</style>
  <h1>Shop</h1>${content}</html>`
