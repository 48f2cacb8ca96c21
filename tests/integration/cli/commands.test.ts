import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findKey } from '../../../src/accounts/apps/keys.js'
import { openDatabase } from '../../../src/db/connect.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { freePort } from '../../support/postgres.js'
import { temporaryFolder } from '../../support/server.js'
import { aKey } from '../api/client.js'
import { rollcall } from './aTerminal.js'

describe('rollcall in a terminal', () => {
  oneDatabase((database) => {
    const server = useApp(database)
    const admin = async () => ({ ROLLCALL_URL: server.url, ROLLCALL_KEY: (await aKey(database.db)).secret })

    it('lists who is signed in, as wide as the terminal, as JSON for scripts, and without a sequence that steers it', async () => {
      const env = await admin()
      const ada = await anAccount(database.db, { name: 'Ada \u001b[2JByrne' })
      const { session } = await aSession(database.db, { account: ada })
      const list = ['sessions', 'list', '--account', ada.id]
      const shown = await rollcall(env, list, { columns: 80, colour: true })
      expect(shown).toMatchObject({ code: 0, err: '' })
      for (const line of shown.out.split('\n'))
        expect(line.replace('\u001b[1m', '').replace('\u001b[22m', '').length).toBeLessThanOrEqual(80)
      expect((await rollcall(env, ['accounts', 'list', '--q', 'Byrne'])).out).not.toContain('\u001b')
      expect((await rollcall(env, [...list, '--json'])).json.items).toMatchObject([{ id: session.id, state: 'live' }])
    })

    it('signs one session out, and says who refused and what to do by its exit code', async () => {
      const env = await admin()
      const ada = await anAccount(database.db)
      const { session } = await aSession(database.db, { account: ada })
      const ended = await rollcall(env, ['sessions', 'revoke', session.id, '--reason', 'lost'])
      expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('is signed out') })
      expect((await listSessions(database.db, { account: ada.id })).items).toEqual([])
      const unknown = ['sessions', 'show', '0193d1c2-7a4b-7c1e-9f00-3b1a5c7d9e11']
      expect(await rollcall(env, unknown)).toMatchObject({ code: 1, out: '' })
      const mistyped = await rollcall(env, ['sessions', 'show', session.id.slice(0, 8)])
      expect(mistyped).toMatchObject({ code: 1, err: expect.stringContaining('There is no such id.') })
      expect(await rollcall(env, ['sessions', 'revoke', session.id])).toMatchObject({
        code: 2,
        err: expect.stringContaining('--reason'),
      })
      expect(await rollcall(env, ['sesions'])).toMatchObject({ code: 2 })
      expect(await rollcall({ ...env, ROLLCALL_URL: `http://127.0.0.1:${await freePort()}` }, unknown)).toMatchObject({
        code: 3,
      })
      const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:verify'] })
      expect(await rollcall({ ...env, ROLLCALL_KEY: secret }, unknown)).toMatchObject({ code: 4 })
    })

    it('signs many out only after the number was typed, or with --yes', async () => {
      const env = await admin()
      const ada = await anAccount(database.db)
      for (let i = 0; i < 3; i++) await aSession(database.db, { account: ada })
      const live = async () => (await listSessions(database.db, { account: ada.id })).items.length
      const revoke = ['sessions', 'revoke', '--account', ada.id, '--reason', 'all of them']
      expect(await rollcall(env, revoke)).toMatchObject({ code: 1, err: expect.stringContaining('--yes') })
      expect(await rollcall(env, revoke, { answer: '2' })).toMatchObject({ code: 1 })
      expect(await live()).toBe(3)
      expect(await rollcall(env, revoke, { answer: '3' })).toMatchObject({
        code: 0,
        out: '3 sessions are signed out.\n',
      })
      expect(await live()).toBe(0)
      await aSession(database.db, { account: ada })
      expect(await rollcall(env, [...revoke, '--yes'])).toMatchObject({ code: 0 })
      expect(await live()).toBe(0)
    })

    it('ends everything of an app after its name was typed', async () => {
      const env = await admin()
      const app = await anApp(database.db, { name: 'Shop of the terminal' })
      await aSession(database.db, { app })
      const kill = ['kill', '--app', 'shop of the terminal', '--reason', 'leak']
      expect(await rollcall(env, kill)).toMatchObject({ code: 1 })
      expect(await rollcall(env, kill, { answer: 'everyone' })).toMatchObject({ code: 1 })
      expect((await listSessions(database.db, { app })).items).toHaveLength(1)
      expect(await rollcall(env, kill, { answer: 'Shop of the terminal' })).toMatchObject({ code: 0 })
      expect((await listSessions(database.db, { app })).items).toEqual([])
      expect(await rollcall(env, ['kill', '--reason', 'whom'])).toMatchObject({ code: 2 })
    })

    it('invites somebody: the link lets them choose a password, and an app’s key gives none', async () => {
      const env = await admin()
      const invite = ['accounts', 'invite', 'grace@example.com', '--name', 'Grace Hopper', '--role', 'viewer']
      const { code, out } = await rollcall(env, invite)
      expect(code).toBe(0)
      const [link = ''] = / (http\S+)\n$/.exec(out)?.slice(1) ?? []
      expect(await (await fetch(link)).text()).toContain('Grace Hopper')
      expect(await rollcall(env, invite)).toMatchObject({ code: 1, out: '' })
      expect(await rollcall(env, [...invite.slice(0, -1), 'king'])).toMatchObject({ code: 2 })
      const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['accounts:write'] })
      expect(await rollcall({ ...env, ROLLCALL_KEY: secret }, invite)).toMatchObject({ code: 4 })
    })

    it('blocks and lifts accounts and networks', async () => {
      const env = await admin()
      const ada = await anAccount(database.db, { email: 'ada.blocked@example.com' })
      await aSession(database.db, { account: ada })
      const block = ['accounts', 'block', 'Ada.Blocked@example.com', '--reason', 'stolen', '--until', '8h']
      expect(await rollcall(env, block)).toMatchObject({
        code: 0,
        out: expect.stringContaining('1 of its sessions ended'),
      })
      const [blocked] = (await rollcall(env, ['accounts', 'list', '--status', 'blocked', '--json'])).json.items
      expect(blocked).toMatchObject({ id: ada.id, block: { until: expect.any(String) } })
      expect(await rollcall(env, ['accounts', 'unblock', 'ada.blocked@example.com'])).toMatchObject({ code: 0 })
      expect(await rollcall(env, ['accounts', 'block', 'nobody@example.com', '--reason', 'x'])).toMatchObject({
        code: 1,
      })
      const network = ['networks', 'block', '203.0.113.0/24', '--reason', 'spraying']
      expect(await rollcall(env, network)).toMatchObject({ code: 0, out: '203.0.113.0/24 is blocked.\n' })
      expect(await rollcall(env, ['networks', 'list'])).toMatchObject({
        out: expect.stringMatching(/UNTIL.*\n.*it is lifted.*spraying|UNTIL.*\n.*spraying.*it is lifted/),
      })
      const lift = ['networks', 'lift', '203.0.113.0/24', '--reason', 'quiet again']
      expect(await rollcall(env, lift)).toMatchObject({ code: 0, out: '203.0.113.0/24 is not blocked any more.\n' })
      expect((await rollcall(env, ['networks', 'list', '--json'])).json.items).toEqual([])
      const [lifted] = (await rollcall(env, ['networks', 'list', '--state', 'lifted', '--json'])).json.items
      expect(lifted).toMatchObject({ network: '203.0.113.0/24', lifted: { reason: 'quiet again' } })
      expect(await rollcall(env, lift)).toMatchObject({ code: 1, err: expect.stringContaining('is not blocked') })
    })

    it('makes, lists and revokes keys, and reads its own key from a file or standard input', async () => {
      const env = await admin()
      const app = await anApp(database.db, { name: 'Keyed' })
      const made = await rollcall(env, ['keys', 'create', 'web', '--app', 'Keyed', '--scope', 'sessions:read'])
      expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^rck_[\w-]+\n$/) })
      const own = ['sessions', 'list', '--json', '--key-file', '-']
      const { ROLLCALL_URL } = env
      expect(await rollcall({ ROLLCALL_URL }, own, { stdin: made.out })).toMatchObject({ code: 0 })
      const [key] = (await rollcall(env, ['keys', 'list', '--app', app, '--json'])).json.items
      expect(key.requestsPerMinute).toBeNull()
      const limited = ['keys', 'create', 'slow', '--app', 'Keyed', '--scope', 'sessions:read', '--rate']
      expect((await rollcall(env, [...limited, '60', '--json'])).json.key.requestsPerMinute).toBe(60)
      expect(await rollcall(env, [...limited, 'many'])).toMatchObject({ code: 2 })
      expect(await rollcall(env, ['keys', 'revoke', key.id])).toMatchObject({
        code: 0,
        out: 'The key web of Keyed is revoked.\n',
      })
      expect((await rollcall(env, ['keys', 'list', '--app', app])).out).toMatch(/web .*20\d\d-.*\n?/)
      expect(await rollcall({ ROLLCALL_URL }, own, { stdin: made.out })).toMatchObject({ code: 4 })
      expect(await rollcall({ ROLLCALL_URL }, ['sessions', 'list'])).toMatchObject({ code: 2 })
    })

    it('changes the name and the limit of a key, which hold at its next request', async () => {
      const env = await admin()
      const app = await anApp(database.db, { name: 'Limited' })
      const own = await aKey(database.db, { app, scopes: ['accounts:write'] })
      const change = ['keys', 'change', own.id]
      const asked = async () =>
        (
          await fetch(`${server.url}/api/v1/accounts`, { headers: { authorization: `Bearer ${own.secret}` } })
        ).headers.get('ratelimit-policy')
      expect(await asked()).toBeNull()
      expect(await rollcall(env, [...change, '--rate', '90', '--name', 'Nightly'])).toMatchObject({
        code: 0,
        out: 'The key Nightly of Limited is changed.\n',
      })
      expect(await asked()).toBe('"key";q=90;w=60')
      expect((await rollcall(env, [...change, '--rate', 'server', '--json'])).json).toMatchObject({
        name: 'Nightly',
        requestsPerMinute: null,
      })
      expect(await asked()).toBeNull()
      expect(await rollcall(env, change)).toMatchObject({ code: 2, err: expect.stringContaining('--rate') })
      expect(await rollcall(env, [...change, '--rate', '-5'])).toMatchObject({ code: 2 })
      expect(await rollcall(env, [...change, '--rate', '99999999'])).toMatchObject({ code: 2 })
      expect(await rollcall({ ...env, ROLLCALL_KEY: own.secret }, [...change, '--rate', '0'])).toMatchObject({
        code: 4,
      })
    })

    it('replaces a key: the new one is printed alone, and the old one goes on for as long as was said', async () => {
      const env = await admin()
      const app = await anApp(database.db, { name: 'Rotated' })
      const old = await aKey(database.db, { app, scopes: ['sessions:read'] })
      const replace = (...options: string[]) => rollcall(env, ['keys', 'replace', old.id, ...options])
      const works = async (secret: string) =>
        (await rollcall({ ...env, ROLLCALL_KEY: secret.trim() }, ['sessions', 'list'])).code === 0
      const endsInDays = async () =>
        Math.round(((await findKey(database.db, old.id))?.expiresAt?.getTime() ?? Number.NaN) - Date.now()) / 86_400_000

      const first = await replace('--rate', '60', '--old-until', 'revoked', '--json')
      expect(first.json).toMatchObject({ key: { replaces: old.id, requestsPerMinute: 60 } })
      expect(await endsInDays()).toBeNaN()
      expect((await replace('--old-until', '30d')).code).toBe(0)
      expect(await endsInDays()).toBeCloseTo(30, 1)
      const week = await replace()
      expect(week).toMatchObject({ code: 0, out: expect.stringMatching(/^rck_[\w-]{43}\n$/) })
      expect(await endsInDays()).toBeCloseTo(7, 1)
      expect([await works(week.out), await works(old.secret)]).toEqual([true, true])
      expect((await replace('--old-until', 'now')).code).toBe(0)
      expect([await works(week.out), await works(old.secret)]).toEqual([true, false])
      expect(await replace()).toMatchObject({ code: 1, err: expect.stringContaining('make a new key') })
      expect(await replace('--old-until', 'soon')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--old-until'),
      })
    })

    it('reads, exports and verifies the audit log', async () => {
      const env = await admin()
      await rollcall(env, ['networks', 'block', '198.51.100.7', '--reason', 'noted in the log'])
      expect((await rollcall(env, ['audit', 'tail'])).out).toContain('noted in the log')
      const lines = (await rollcall(env, ['audit', 'export'])).out.trim().split('\n')
      expect(lines.map((line) => JSON.parse(line))).toContainEqual(
        expect.objectContaining({ reason: 'noted in the log' }),
      )
      expect(await rollcall(env, ['audit', 'verify', '--json'])).toMatchObject({ code: 0, json: { intact: true } })
    })

    it('follows the audit log: what lies further back than what it showed is no news', async () => {
      const env = await admin()
      const block = (network: string, reason: string) =>
        rollcall(env, ['networks', 'block', network, '--reason', reason])
      for (const [i, reason] of ['long ago', 'before', 'shown at once'].entries())
        await block(`198.51.100.1${i}`, reason)
      const words = ['dist/src/cli/main.js', 'audit', 'tail', '--follow', '--limit', '1', '--json']
      const tail = spawn(process.execPath, words, { env: { PATH: process.env['PATH'], ...env } })
      onTestFinished(() => void tail.kill())
      const reasons: string[] = []
      for await (const line of createInterface(tail.stdout)) {
        reasons.push(JSON.parse(line).reason)
        if (reasons.length === 1) await block('198.51.100.20', 'while it followed')
        if (reasons.includes('while it followed')) break
      }
      expect(reasons).toEqual(['shown at once', 'while it followed'])
    })

    it('verifies the log of a server that is stopped, in JSON too', async () => {
      const dataDir = temporaryFolder()
      await (await openDatabase({ url: undefined, dataDir })).close()
      const words = ['dist/src/cli/main.js', 'audit', 'verify', '--local', '--json']
      const { stdout } = await promisify(execFile)(process.execPath, words, {
        env: { PATH: process.env['PATH'], ROLLCALL_DATA_DIR: dataDir },
      })
      expect(JSON.parse(stdout)).toMatchObject({ intact: true, events: 0, problems: [] })
    })

    it('finds what is not well, and says what to do', async () => {
      const env = await admin()
      expect(await rollcall(env, ['doctor', '--json'])).toMatchObject({
        code: 0,
        json: {
          findings: expect.arrayContaining([
            expect.objectContaining({ check: 'database', is: 'ok' }),
            expect.objectContaining({ check: 'lag', is: 'ok' }),
            expect.objectContaining({ check: 'proxy headers', found: expect.stringContaining('forged') }),
          ]),
        },
      })
      const checks = (await rollcall(env, ['doctor', '--json'])).json.findings.map(
        (one: { check: string }) => one.check,
      )
      expect(checks).toEqual([...new Set(checks)])
      const wrong = { ...env, ROLLCALL_LEASE_MS: '1', ROLLCALL_URL: `http://127.0.0.1:${await freePort()}` }
      expect(await rollcall(wrong, ['doctor', '--json'])).toMatchObject({
        code: 1,
        json: {
          findings: expect.arrayContaining([
            expect.objectContaining({
              check: 'configuration',
              is: 'failed',
              found: expect.stringContaining('ROLLCALL_LEASE_MS'),
            }),
            expect.objectContaining({ check: 'server', is: 'failed', toDo: expect.any(String) }),
          ]),
        },
      })
      const open = { ...env, ROLLCALL_TRUSTED_PROXIES: '0.0.0.0/0' }
      expect(await rollcall(open, ['doctor'])).toMatchObject({
        code: 1,
        out: expect.stringContaining('anybody may say'),
      })
    })

    it('explains each command with an example', async () => {
      for (const words of [
        'sessions revoke',
        'accounts block',
        'audit verify',
        'import connect-redis',
        'kill',
        'doctor',
      ])
        expect(await rollcall({}, [...words.split(' '), '--help'])).toMatchObject({
          code: 0,
          out: expect.stringContaining('Example:'),
        })
    })
  })
})
