import { execFile, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { snippetsFor } from '../../../src/admin/snippets.js'
import { sealAudit } from '../../../src/audit/seal.js'
import { createExports } from '../../../src/http/exports.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession, type TestAccount } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { freePort } from '../../support/postgres.js'
import { readmeBlock } from '../../support/readme.js'
import { temporaryFolder } from '../../support/server.js'
import { aKey } from './client.js'

const run = promisify(execFile)

oneDatabase((database) => {
  // Hosts beyond this machine are protected over https alone; this machine may have nobody to look names up.
  const server = useApp(database, {
    ROLLCALL_PUBLIC_URL: 'https://rollcall.example.com',
    ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true',
  })
  const environment = (key: string) => ({
    PATH: process.env['PATH'],
    ROLLCALL: `http://127.0.0.1:${server.services.config.port}/api/v1`,
    KEY: key,
    ROLLCALL_KEY: key,
  })

  let priya: TestAccount | undefined
  beforeAll(async () => {
    priya = await anAccount(database.db, { email: 'priya@example.com', password: 'seven purple bicycles' })
  })

  /** One command as it stands there; `placed` for what a reader puts in. */
  async function bash(command: string, key: string, placed: Record<string, string>) {
    const folder = temporaryFolder()
    const filled = Object.entries(placed).reduce((text, [name, value]) => text.replaceAll(name, value), command)
    const { stdout } = await run('bash', ['-c', `curl() { command curl -D headers "$@"; }\n${filled}`], {
      cwd: folder,
      env: environment(key),
    })
    const { stdout: headers } = await run('cat', ['headers'], { cwd: folder })
    const head = Object.fromEntries(
      [...headers.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
    )
    const status = Number(/ (\d{3})/.exec(headers)?.[1])
    return { status, headers: head, json: stdout ? JSON.parse(stdout) : undefined }
  }

  test('what is too much at once is told when to come again', async () => {
    const { secret: key } = await aKey(database.db)
    server.services.exports = createExports({ mostOfOne: 0 })
    const { status, headers, json } = await bash(
      'curl -s $ROLLCALL/audit/export -H "Authorization: Bearer $KEY"',
      key,
      {},
    )
    server.services.exports = createExports()
    expect([status, headers['retry-after']]).toEqual([429, '10'])
    expect(json.type).toMatch(/\/api\/v1\/problems\/too-many-exports$/)
  })

  test('the five lines sign somebody in, check them and sign them out', async () => {
    const { secret } = await aKey(database.db, {
      app: await anApp(database.db),
      scopes: ['sessions:verify', 'sessions:write'],
    })
    const folder = temporaryFolder()
    const lines = readmeBlock('js', 'const isSignedIn')
    writeFileSync(
      join(folder, 'app.mjs'),
      `const { ROLLCALL, KEY } = process.env
       const headers = { authorization: 'Bearer ' + KEY, 'content-type': 'application/json' }
       const [email, ip, userAgent] = ['priya@example.com', '203.0.113.34', 'Mozilla/5.0']
       ${lines}
       const { status, reason } = await (await post('/sessions/verify', { token })).json()
       console.log(JSON.stringify([isSignedIn, status, reason]))`,
    )
    expect(lines.trim().split('\n')).toHaveLength(5)
    const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: folder, env: environment(secret) })
    expect(JSON.parse(stdout)).toEqual([true, 'denied', 'ended'])
  })

  test('Python’s standard library walks from a sign-in to its receipt, and waits where it is told to', async () => {
    const { secret: key } = await aKey(database.db)
    for (let i = 0; i < 3; i++) await aSession(database.db, { ip: '203.0.113.9' })
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'walk.py'), readmeBlock('python'))
    // A hundred times as fast, and of a server that is busy until it was found to be.
    const quick = `import time; pause = time.sleep; time.sleep = lambda seconds: pause(seconds / 100)`
    server.services.exports = createExports({ mostOfOne: 0 })
    const walk = spawn('python3', ['-u', '-S', '-E', '-c', `${quick}; exec(open('walk.py').read())`], {
      cwd: folder,
      env: environment(key),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    walk.stdout.on('data', (text: Buffer) => {
      stdout += text
      if (stdout.includes('later:')) server.services.exports = createExports()
    })
    expect(await new Promise((resolve) => walk.on('close', resolve))).toBe(0)
    const said = stdout.trim().split('\n')
    expect(said[0]).toBe('is active')
    expect(new Set(said.filter((line) => line.startsWith('found'))).size).toBeGreaterThanOrEqual(4)
    const end = said.slice(said.findIndex((line) => line.startsWith('refused')))
    expect(end[0]).toMatch(/^refused on \['.+'\]$/)
    expect([...new Set(end.slice(1))]).toEqual([
      'is denied',
      'later: Too many exports are under way',
      'logged stolen cookie',
    ])
  })

  test('the lines for any language that the panel has copied start a session, count its use and end it', async () => {
    const { secret: key } = await aKey(database.db, {
      app: await anApp(database.db),
      scopes: ['sessions:verify', 'sessions:write', 'sessions:read'],
    })
    const names = { rollcall: '', host: '', rollcallAt: '', appAt: '', certificate: '' }
    const url = `http://127.0.0.1:${server.services.config.port}`
    const [start = '', verify = '', end = ''] = snippetsFor('http', { ...names, url }).map(({ text }) => text)
    const started = (await bash(start, key, {})).json
    const placed = { 'rcs_...': started.token, SESSION_ID: started.session.id }
    expect((await bash(verify, key, placed)).json.status).toBe('active')
    await server.services.touches.flush()
    const used = await bash('curl -s $ROLLCALL/sessions/SESSION_ID -H "Authorization: Bearer $KEY"', key, placed)
    expect(used.json.requests).toBe(2)
    expect((await bash(end, key, placed)).json.end.reason).toBe('signed-out')
    expect((await bash(verify, key, placed)).json).toEqual({ status: 'denied', reason: 'ended' })
  })

  test('every command of "API by example" answers as it says', async () => {
    const { secret: key } = await aKey(database.db)
    const app = await anApp(database.db)
    const ofApp = await aKey(database.db, { app, scopes: ['sessions:verify'] })
    const placed: Record<string, string> = { APP_ID: app, KEY_ID: ofApp.id, ACCOUNT_ID: priya?.id ?? '' }
    placed['https://example.com/hooks'] = `http://127.0.0.1:${await freePort()}/hooks`
    // Of the same network, so that there is a second page.
    await aSession(database.db, { ip: '203.0.113.9' })
    await sealAudit(database.db)
    const verified = await bash('curl -s $ROLLCALL/audit/verify -H "Authorization: Bearer $KEY"', key, placed)
    placed['51.42a1...97ec'] = verified.json.head
    const block = readmeBlock('sh', '# A person signed in to your app')
    const commands = block.split(/\n+(?=curl |#)/).filter((text) => text.startsWith('curl '))
    expect(commands.length).toBeGreaterThan(15)
    const receipts = readmeBlock('sh', '/acknowledged').split('\n#')[0] ?? ''

    for (const command of [...commands, receipts]) {
      const { status, headers, json } = await bash(command, key, placed)
      expect(status, `${command}\n${JSON.stringify(json)}`).toBeLessThan(300)
      if (json?.token) Object.assign(placed, { 'rcs_...': json.token, SESSION_ID: json.session.id })
      if (json?.next) placed['NEXT'] = json.next
      if (json?.job) placed['JOB_ID'] = json.job.id
      if (headers['rollcall-position']) placed['x48213'] = headers['rollcall-position']
      if (command.includes('/audit/verify')) expect(json.intact).toBe(true)
      if (command.includes('/sessions/verify')) expect(json.status).toBe('active')
      if (command.includes('after=NEXT')) expect(json.items).toHaveLength(1)
      if (command.includes('Idempotency-Key')) {
        expect((await bash(command, key, placed)).json).toEqual(json)
        expect((await bash(command.replace('Emil', 'Emilia'), key, placed)).status).toBe(422)
      }
    }
  })
})
