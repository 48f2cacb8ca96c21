import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { changeApp } from '../../../src/accounts/apps/changeApp.js'
import { listAccounts } from '../../../src/accounts/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { createDatabase, eachDatabase, oneDatabase, type TestDatabase } from '../../support/database.js'
import { freePort } from '../../support/postgres.js'
import { temporaryFolder } from '../../support/server.js'
import { aRollcallStore, serve } from '../client/anExpressApp.js'
import { rollcall } from './aTerminal.js'

const require = createRequire(import.meta.url)
const DAY_MS = 86_400_000
const DAY_S = 86_400
const cookie = { maxAge: 30 * DAY_MS }

/** The usual app over its old store: Ada and Ben are signed in, somebody else has a full cart. */
async function anOldApp(store: session.Store) {
  const app = await serve(store, { cookie })
  const [ada, ben, nobody] = [app.browser(), app.browser(), app.browser()]
  await ada.get('/sign-in/ada')
  await ada.get('/count')
  await ben.get('/sign-in/ben')
  await nobody.get('/count')
  return { ada, ben, nobody }
}

type Browsers = Awaited<ReturnType<typeof anOldApp>>

/** The same app with RollcallStore: the browsers bring the cookies that they had. */
async function goOver({ ada, ben, nobody }: Browsers, store: session.Store) {
  const app = await serve(store, { cookie })
  const moved = [ada, ben, nobody].map((old) => Object.assign(app.browser(), { cookie: old.cookie }))
  return {
    me: async (at: number) => (await moved[at]?.get('/me'))?.text,
    count: async (at: number) => (await moved[at]?.get('/count'))?.text,
  }
}

async function movesThemAll(database: TestDatabase, url: string, browsers: Browsers, from: string, command: string) {
  const target = await aRollcallStore(database.db, url)
  const env = { ROLLCALL_URL: url, ROLLCALL_KEY: target.key, ROLLCALL_IMPORT_URL: from }
  const live = async () => (await listSessions(database.db, { app: target.app })).items
  const counts = { applied: false, moved: 3, already: 0, ended: 0, expired: 0, idle: 0, refused: 0, why: {} }
  const asData = await rollcall(env, ['import', command, '--json'])
  expect([asData.json, asData.err], 'data alone, and nothing beside it').toEqual([counts, ''])
  const forPeople = await rollcall(env, ['import', command])
  expect(forPeople.out).toMatch(/^SESSIONS\n3 +would be moved\n0 +are in Rollcall already/)
  expect(forPeople.err).toContain('--apply moves them')
  expect(await live()).toEqual([])
  const apply = ['import', command, '--apply', '--json']
  expect((await rollcall(env, apply)).json).toMatchObject({
    applied: true,
    moved: 3,
    already: 0,
    expired: 0,
    refused: 0,
  })
  expect((await live()).map(({ account }) => account.email).toSorted()).toEqual(['ada@example.com', 'ben@example.com'])

  const app = await goOver(browsers, target.store)
  expect([await app.me(0), await app.me(1), await app.me(2)]).toEqual(['ada', 'ben', 'nobody'])
  expect([await app.count(0), await app.count(2)]).toEqual(['2', '2'])

  const ben = (await live()).find(({ account }) => account.email === 'ben@example.com')
  if (!ben) throw new Error('Ben is not there')
  await revokeSession(database.db, ben.id, TERMINAL, 'stolen')
  expect((await rollcall(env, apply)).json).toMatchObject({ moved: 0, already: 2, ended: 1 })
  expect(await live()).toHaveLength(1)
  expect(await app.count(0)).toBe('3')
  expect((await rollcall(env, ['import', command, '--json'])).json).toMatchObject({ moved: 0, already: 2, ended: 1 })
}

describe('rollcall import', () => {
  eachDatabase((database) => {
    const server = useApp(database)

    it('moves what connect-pg-simple holds: nobody has to sign in again, and nothing is overwritten or revived', async () => {
      const from = await createDatabase(inject('databases').clusters[0]?.url ?? '', { empty: true })
      const Old = require('connect-pg-simple')(session)
      const old = new Old({ conString: from, createTableIfMissing: true, pruneSessionInterval: false })
      onTestFinished(() => old.close())
      await movesThemAll(database, server.url, await anOldApp(old), from, 'connect-pg-simple')
    })
  })

  oneDatabase((database) => {
    const server = useApp(database)
    let redis: ChildProcess
    let from = ''

    beforeAll(async () => {
      const port = await freePort()
      const where = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', temporaryFolder(afterAll)]
      redis = spawn('redis-server', where, { stdio: ['ignore', 'pipe', 'inherit'] })
      from = `redis://127.0.0.1:${port}`
      await new Promise<void>((resolve, reject) => {
        redis.on('error', reject)
        redis.stdout?.on('data', (said: Buffer) => /Ready to accept connections/.test(String(said)) && resolve())
      })
    })
    afterAll(() => void redis.kill())

    const connected = async () => {
      const client = createClient({ url: from })
      await client.connect()
      onTestFinished(() => void client.destroy())
      return client
    }

    it('moves what connect-redis holds', async () => {
      const old = new RedisStore({ client: await connected() })
      await movesThemAll(database, server.url, await anOldApp(old), from, 'connect-redis')
    })

    it('keeps the age of each, and says what it did not move and why', async () => {
      const client = await connected()
      const target = await aRollcallStore(database.db, server.url, {
        app: await anApp(database.db, { idleTimeout: 30 * DAY_S }),
      })
      const put = (sid: string, text: string, left = 3 * DAY_MS) => client.set(`aged:${sid}`, text, { PX: left })
      const stored = (more: object) => JSON.stringify({ cookie: { originalMaxAge: 30 * DAY_MS }, ...more })
      await put('used-long-ago', stored({ userId: 'cleo' }))
      await put('cart', stored({ cart: ['bread'] }))
      await put('odd', 'no JSON')
      await put('expired', JSON.stringify({ cookie: { originalMaxAge: -1 } }))
      await put('blank', stored({ user: { id: '' } }))
      const env = { ROLLCALL_URL: server.url, ROLLCALL_KEY: target.key, ROLLCALL_IMPORT_URL: from }
      const ran = await rollcall(env, ['import', 'connect-redis', '--prefix', 'aged:', '--apply', '--json'])
      expect(ran).toMatchObject({ code: 1, json: { moved: 3, expired: 1, refused: 1 } })
      expect(Object.keys(ran.json.why)).toEqual(['what is stored is no session in JSON'])
      const [cleo] = (await listSessions(database.db, { app: target.app, state: 'all' })).items
      expect((Date.now() - Number(cleo?.lastSeenAt)) / DAY_MS).toBeCloseTo(27, 1)
    })

    it('counts apart what the app’s policy would end at once, before and after, and moves none of it', async () => {
      const client = await connected()
      const app = await anApp(database.db, { idleTimeout: 7 * DAY_S })
      const target = await aRollcallStore(database.db, server.url, { app })
      const put = (sid: string, unusedDays: number, more: object) =>
        client.set(`idle:${sid}`, JSON.stringify({ cookie: { originalMaxAge: 30 * DAY_MS }, ...more }), {
          PX: (30 - unusedDays) * DAY_MS,
        })
      await put('in-use', 1, { userId: 'dora' })
      await put('left', 8, { userId: 'emil' })
      await put('left-too', 29, { userId: 'fay' })
      // Nobody is signed in with it: it goes by its own age alone.
      await put('cart', 8, { cart: ['bread'] })
      const env = { ROLLCALL_URL: server.url, ROLLCALL_KEY: target.key, ROLLCALL_IMPORT_URL: from }
      const command = ['import', 'connect-redis', '--prefix', 'idle:']
      const everyone = async () => (await listAccounts(database.db, {})).items.map(({ name }) => name)

      expect((await rollcall(env, [...command, '--json'])).json).toMatchObject({
        moved: 2,
        idle: 2,
        expired: 0,
        refused: 0,
      })
      expect(await everyone()).not.toContain('dora')
      expect((await rollcall(env, command)).out).toMatch(/^2 +would be over at once: idle longer than the app allows/m)
      expect(await rollcall(env, [...command, '--apply', '--json'])).toMatchObject({
        code: 0,
        json: { moved: 2, idle: 2, expired: 0, refused: 0 },
      })
      expect((await listSessions(database.db, { app, state: 'all' })).items.map(({ account }) => account.name)).toEqual(
        ['dora'],
      )
      expect(await everyone()).not.toContain('emil')
    })

    it('says in the dry run already who would be refused', async () => {
      const client = await connected()
      const target = await aRollcallStore(database.db, server.url)
      await client.set('refused:gus', JSON.stringify({ userId: 'gus', cookie: {} }), { PX: DAY_MS })
      const env = { ROLLCALL_URL: server.url, ROLLCALL_KEY: target.key, ROLLCALL_IMPORT_URL: from }
      const run = () => rollcall(env, ['import', 'connect-redis', '--prefix', 'refused:', '--json'])
      expect((await run()).json).toMatchObject({ moved: 1, refused: 0 })
      await changeApp(database.db, target.app, { disabled: true }, TERMINAL)
      expect(await run()).toMatchObject({ code: 1, json: { moved: 0, refused: 1 } })
    })

    it('says that the old store does not answer, and that its address is missing', async () => {
      const target = await aRollcallStore(database.db, server.url)
      const env = { ROLLCALL_URL: server.url, ROLLCALL_KEY: target.key }
      expect(await rollcall(env, ['import', 'connect-redis'])).toMatchObject({ code: 2 })
      const port = await freePort()
      for (const [command, url] of [
        ['connect-redis', `redis://127.0.0.1:${port}`],
        ['connect-pg-simple', `postgres://a@127.0.0.1:${port}/b`],
      ] as const)
        expect(await rollcall({ ...env, ROLLCALL_IMPORT_URL: url }, ['import', command])).toMatchObject({ code: 3 })
    })
  })
})
