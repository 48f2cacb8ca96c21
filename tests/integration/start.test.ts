import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/connect.js'
import { sessionActivity } from '../../src/db/schema.js'
import { createDatabase, postgresClusters } from '../support/database.js'
import { forwarderTo } from '../support/forwarder.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../support/http.js'
import { freePort } from '../support/postgres.js'
import { spawnServer, startServer, temporaryFolder } from '../support/server.js'

const OWNER = { ROLLCALL_OWNER_EMAIL: 'olga@example.com', ROLLCALL_OWNER_PASSWORD: 'correct horse battery staple' }

describe('a first start', () => {
  test('needs nothing and prints one line with the address and the one-time link', async () => {
    const server = await startServer()
    expect(server.stdout().trim().split('\n')).toHaveLength(1)
    const [link = ''] = await server.says(/http:\/\/localhost:\d+\/setup\?token=\S+/)
    expect((await fetch(link)).status).toBe(200)
  })

  test('prints no link once there is an owner', async () => {
    const server = await startServer({ env: OWNER })
    expect(server.stdout()).toMatch(/ready at/)
    expect(server.output()).not.toMatch(/setup\?token/)
  })
})

describe('a start that is refused', () => {
  test('a wrong configuration stops the start and lists every wrong variable with what it should be', async () => {
    const secret = 'planted-secret-value'
    const server = await spawnServer({
      env: {
        PORT: 'three thousand',
        DATABASE_URL: `mysql://root:${secret}@localhost/x`,
        ROLLCALL_PUBLIC_URL: 'http://example.com',
        ROLLCALL_TRUSTED_PROXIES: '10.0.0.1/8',
        ROLLCALL_IDLE_TIMEOUT: '5s',
        ROLLCALL_OWNER_EMAIL: 'olga@example.com',
        ROLLCALL_BOOTSTRAP_KEY: secret,
        LOG_LEVEL: 'loud',
      },
    })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    for (const line of [
      /PORT must be a port number/,
      /DATABASE_URL must be postgres:\/\//,
      /ROLLCALL_PUBLIC_URL must begin with https/,
      /ROLLCALL_TRUSTED_PROXIES .*10\.0\.0\.0\/8/,
      /ROLLCALL_IDLE_TIMEOUT must be between/,
      /ROLLCALL_BOOTSTRAP_KEY must be rck_/,
      /LOG_LEVEL must be/,
    ]) {
      expect(server.stderr()).toMatch(line)
    }
    expect(server.output()).not.toContain(secret)
    expect(server.output()).not.toMatch(/at .*\.js:\d+/)
  })

  test('a port in use is said in words', async () => {
    const first = await startServer()
    const second = await spawnServer({ port: Number(new URL(first.url).port) })
    expect(await second.exited).toEqual({ code: 1, signal: null })
    expect(second.stderr()).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use by another program\./)
  })

  test('an address that is not this machine’s is said in words', async () => {
    const server = await spawnServer({ env: { HOST: '192.0.2.1' } })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(/^HOST=192\.0\.2\.1 is not an address of this machine\./)
  })

  test('a data directory that it can’t write to is said in words', async () => {
    const server = await spawnServer({ dataDir: join(import.meta.dirname, 'start.test.ts') })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(/^Rollcall can’t write to its data directory .*, because it is a file\. /m)
    expect(server.stderr()).not.toMatch(/"stack"/)
  })

  test.runIf(existsSync('/proc/self'))('a data directory where the kernel makes none is said in words', async () => {
    const server = await spawnServer({ dataDir: '/proc/rollcall/data' })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(
      /^Rollcall can’t write to its data directory .*, because nothing can be made there\. /m,
    )
    expect(server.stderr()).not.toMatch(/"stack"/)
  })

  test('a file of places that is none is said in words', async () => {
    const server = await spawnServer({ env: { ROLLCALL_GEO_DB: '/nowhere.mmdb' } })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(/^ROLLCALL_GEO_DB: "\/nowhere\.mmdb" does not exist\. /m)
    expect(server.stderr()).not.toMatch(/"stack"/)
  })

  test('S-71 a second process on the same embedded data directory is refused, and the first serves on', async () => {
    const first = await startServer()
    const second = await spawnServer({ dataDir: first.dataDir })
    expect(await second.exited).toEqual({ code: 1, signal: null })
    expect(second.stderr()).toMatch(/data directory .* is in use by another Rollcall \(process \d+\)/)
    expect(second.stderr()).toContain(String(first.pid))
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200)
  })

  test('S-71 the lock dies with the process that held it, however it died', async () => {
    const first = await startServer()
    await first.stop('SIGKILL')
    const second = await startServer({ dataDir: first.dataDir })
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200)
  })
})

describe.each(postgresClusters())('on $name', ({ url }) => {
  test('a database that is down at the start is waited for, and /readyz says so', async () => {
    const port = await freePort()
    const forwarder = forwarderTo(await createDatabase(url, { empty: true }), port)
    const server = await spawnServer({ databaseUrl: forwarder.url })
    await server.says(/the database does not answer; waiting for it/)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const notReady = await fetch(`${server.url}/readyz`)
    expect(notReady.status).toBe(503)
    expect(await notReady.json()).toMatchObject({ database: 'does not answer yet' })
    await forwarder.open()
    await server.answers('/readyz')
  })

  test('a database that goes away is seen on /readyz, and found again when it is back', async () => {
    const port = await freePort()
    const forwarder = forwarderTo(await createDatabase(url), port)
    await forwarder.open()
    const server = await startServer({ databaseUrl: forwarder.url })
    await forwarder.cut()
    await server.answers('/readyz', 503)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await forwarder.open()
    await server.answers('/readyz')
  })

  test.each([
    ['a role that is not there', { username: 'nobody_here' }, /^PostgreSQL lets nobody in with DATABASE_URL: role/m],
    ['a database that is not there', { pathname: '/not_here' }, /^There is no such database: .*Create it/m],
    [
      'a setting that is not there',
      { search: '?channel_binding=require' },
      /^PostgreSQL does not know a setting: .*"channel_binding"/m,
    ],
  ])('%s is said in words', async (_, parts, words) => {
    const databaseUrl = Object.assign(new URL(url), parts).href
    const server = await spawnServer({ databaseUrl })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(words)
    expect(server.stderr()).not.toMatch(/"stack"/)
  })

  test('a role that may make nothing in the database is told to be its owner', async () => {
    const databaseUrl = new URL(await createDatabase(url, { empty: true }))
    const admin = postgres(databaseUrl.href, { max: 1 })
    onTestFinished(() => admin.end())
    databaseUrl.username = `guest_${randomBytes(4).toString('hex')}`
    await admin.unsafe(`create role ${databaseUrl.username} login`)
    const server = await spawnServer({ databaseUrl: databaseUrl.href })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(
      /^The role that DATABASE_URL names may not do .*permission denied.*Make it the owner/m,
    )
  })

  test('a database that has no room for everybody’s name is refused', async () => {
    const databaseUrl = new URL(url)
    databaseUrl.pathname = `/latin_${randomBytes(4).toString('hex')}`
    const admin = postgres(url, { max: 1 })
    onTestFinished(() => admin.end())
    await admin.unsafe(
      `create database ${databaseUrl.pathname.slice(1)} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
    )
    const server = await spawnServer({ databaseUrl: databaseUrl.href })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(/^The database is encoded in LATIN1, .* encoding 'UTF8'/m)
  })

  test('S-75 a process whose database a newer one has migrated is not ready any more, and says why', async () => {
    const databaseUrl = await createDatabase(url)
    const server = await startServer({ databaseUrl })
    await server.answers('/readyz')
    await pretendNewer(databaseUrl)
    const answer = await fetch(`${server.url}/readyz`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ database: 'was migrated by a newer version' })
  })

  test('S-75 an older binary on a newer schema refuses to start and says so', async () => {
    const databaseUrl = await createDatabase(url)
    await pretendNewer(databaseUrl)
    const server = await spawnServer({ databaseUrl })
    expect(await server.exited).toEqual({ code: 1, signal: null })
    expect(server.stderr()).toMatch(/^The database was migrated by a newer version of Rollcall/m)
  })

  test('any number of processes may share one database', async () => {
    const databaseUrl = await createDatabase(url)
    const servers = await Promise.all([startServer({ databaseUrl }), startServer({ databaseUrl })])
    for (const server of servers) expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })
})

test('S-72 SIGTERM reaches the server through `npm start` too', async () => {
  const server = await startServer({ byNpm: true })
  expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 })
  expect(await accepts(server.url)).toBe(false)
})

const everywhere = [
  { name: 'PGlite', place: async () => ({ dataDir: temporaryFolder() }) },
  ...postgresClusters().map(({ name, url }) => ({
    name,
    place: async () => ({ dataDir: temporaryFolder(), databaseUrl: await createDatabase(url) }),
  })),
]

describe.each(everywhere)('a stop, on $name', ({ name, place }) => {
  test('S-72 SIGTERM stops accepting, lets a request under way finish, and exits', async () => {
    const server = await startServer({ ...(await place()), env: OWNER })
    const half = await halfASignIn(server.url)
    const stopped = server.stop('SIGTERM')
    await expect.poll(() => accepts(server.url)).toBe(false)
    expect(await half.finish()).toBe(303)
    expect(await stopped).toMatchObject({ code: 0 })
  })

  test('S-72 SIGTERM ends open streams with a hint to come back', async () => {
    const server = await startServer({ ...(await place()), env: OWNER })
    const browser = aBrowserLikeClient(server.url)
    await signIn(browser)
    const stream = await browser.fetch('/admin/stream', { headers: { accept: 'text/event-stream' } })
    expect(stream.status).toBe(200)
    const everything = stream.text()
    expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 })
    expect(await everything).toMatch(/^retry: \d+$/m)
  })

  test('S-72 SIGTERM writes down what was seen last', async () => {
    const where = await place()
    const server = await startServer({ ...where, env: OWNER })
    const browser = aBrowserLikeClient(server.url)
    await signIn(browser)
    for (let visits = 0; visits < 5; visits += 1) await browser.get('/account/sessions')
    expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 })
    expect(await requestsSeen(where)).toBeGreaterThanOrEqual(5)
  })

  test('S-66 an error that nobody expected is logged, what is under way is finished, and the process ends', async () => {
    const server = await startServer({ ...(await place()), env: OWNER, preload: './tests/support/rejectOnSignal.mjs' })
    const half = await halfASignIn(server.url)
    process.kill(server.pid, 'SIGUSR2')
    await server.says(/planted: nobody expected this/)
    await expect.poll(() => accepts(server.url)).toBe(false)
    expect(await half.finish()).toBe(303)
    expect(await server.exited).toEqual({ code: 1, signal: null })
  })

  test('S-72 SIGTERM is heard while the database is still being opened', async () => {
    const server = await spawnServer(await place())
    await server.says(/"msg":"starting"/)
    expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 })
  })

  if (name !== 'PGlite') return
  test('S-72 a client that never finishes its request does not keep the process from ending within 10 s', async () => {
    const server = await startServer({ ...(await place()), env: OWNER })
    await halfASignIn(server.url)
    const { code, afterMs } = await server.stop('SIGTERM')
    expect(code).toBe(0)
    expect(afterMs).toBeLessThan(10_000)
  })
})

const accepts = (origin: string) =>
  fetch(`${origin}/healthz`, { headers: { connection: 'close' } }).then(
    () => true,
    () => false,
  )

async function signIn(browser: BrowserLikeClient) {
  const { ROLLCALL_OWNER_EMAIL: email, ROLLCALL_OWNER_PASSWORD: password } = OWNER
  expect((await browser.post('/sign-in', { email, password })).status).toBe(303)
}

async function requestsSeen(where: { dataDir: string; databaseUrl?: string }): Promise<number> {
  const { db, close } = await openDatabase({ url: where.databaseUrl, dataDir: where.dataDir })
  try {
    const [activity] = await db.select().from(sessionActivity)
    return activity?.requests ?? 0
  } finally {
    await close()
  }
}

async function pretendNewer(databaseUrl: string) {
  const { db, close } = await openDatabase({ url: databaseUrl, dataDir: '' })
  await db.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('from the future', 99999999999999)`,
  )
  await close()
}

/** A sign-in whose first half the server has read: it answers "100 Continue" once it has the headers. */
function halfASignIn(origin: string): Promise<{ finish(): Promise<number> }> {
  const body = new URLSearchParams({ email: OWNER.ROLLCALL_OWNER_EMAIL, password: OWNER.ROLLCALL_OWNER_PASSWORD })
  const text = body.toString()
  const sending = request(`${origin}/sign-in`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': text.length,
      'sec-fetch-site': 'same-origin',
      origin,
      expect: '100-continue',
    },
  })
  const answered = new Promise<number>((resolve, reject) => {
    sending.on('response', (response) => resolve(response.resume().statusCode ?? 0))
    sending.on('error', reject)
  })
  answered.catch(() => {})
  return new Promise((resolve, reject) => {
    sending.on('continue', () => {
      sending.write(text.slice(0, 20))
      resolve({
        finish: () => {
          sending.end(text.slice(20))
          return answered
        },
      })
    })
    sending.on('error', reject)
  })
}
