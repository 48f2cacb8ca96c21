import { createServer } from 'node:http'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import session, { type SessionOptions } from 'express-session'
import { onTestFinished } from 'vitest'
import { RollcallStore, type RollcallStoreOptions } from '../../../src/client/expressSession.js'
import type { RollcallFailure } from '../../../src/client/index.js'
import type { Database } from '../../../src/db/connect.js'
import type { AppId } from '../../../src/db/ids.js'
import { anApp } from '../../support/builders.js'
import { aKey } from '../api/client.js'

declare module 'express-session' {
  interface SessionData {
    userId?: string
    email?: string
    name?: string
    views?: number
    cart?: unknown
  }
}

export interface StoreOfApp {
  store: RollcallStore
  app: AppId
  key: string
  failures: RollcallFailure[]
}

/** A store of an app, as one process of it has it. */
export async function aRollcallStore(
  db: Database,
  url: string,
  { app, key, ...options }: Partial<RollcallStoreOptions> & { app?: AppId } = {},
): Promise<StoreOfApp> {
  const appId = app ?? (await anApp(db))
  const secret =
    key ?? (await aKey(db, { app: appId, scopes: ['sessions:verify', 'sessions:write', 'sessions:read'] })).secret
  const failures: RollcallFailure[] = []
  const store = new RollcallStore({ url, key: secret, onFailure: (failure) => failures.push(failure), ...options })
  onTestFinished(() => store.stop())
  await store.verifier.started
  return { store, app: appId, key: secret, failures }
}

export interface Served {
  url: string
  errors: unknown[]
  /** A browser of its own, which keeps its cookie. */
  browser(headers?: Record<string, string>): Browser
}

export interface Browser {
  cookie: string | undefined
  get(path: string): Promise<{ status: number; text: string; setCookie: string | null }>
}

/** The usual app: sign-in, sign-out, a counter. `routes` come before its own. */
export async function serve(
  store: session.Store,
  options: Partial<SessionOptions> = {},
  routes: (app: Express) => void = () => {},
): Promise<Served> {
  const app = express()
  app.set('env', 'test')
  app.set('trust proxy', true)
  app.use(session({ store, secret: 'a secret', resave: false, saveUninitialized: false, ...options }))
  routes(app)
  app.get('/sign-in/:user', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.userId = req.params.user
      req.session.email = `${req.params.user}@example.com`
      req.session.save((failed) => (failed ? next(failed) : res.send('signed in')))
    })
  })
  app.get('/me', (req, res) => void res.send(req.session.userId ?? 'nobody'))
  app.get('/count', (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1
    res.send(String(req.session.views))
  })
  app.get('/sign-out', (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.send('signed out')))
  })
  const errors: unknown[] = []
  app.use((error: { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    errors.push(error)
    if (res.headersSent) return next(error)
    res.status(error.status ?? 500).send(String(error))
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return { url, errors, browser: (headers = {}) => aBrowser(url, headers) }
}

function aBrowser(url: string, headers: Record<string, string>): Browser {
  const browser: Browser = {
    cookie: undefined,
    async get(path) {
      const cookie = browser.cookie ? { cookie: browser.cookie } : {}
      const response = await fetch(url + path, { headers: { ...headers, ...cookie } })
      const setCookie = response.headers.get('set-cookie')
      if (setCookie) browser.cookie = setCookie.split(';')[0]
      return { status: response.status, text: await response.text(), setCookie }
    },
  }
  return browser
}
