import { execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { snippetsFor } from '../../../src/admin/snippets.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { readArrivals } from '../../../src/sessions/lists/arrivals.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { VERSION } from '../../../src/version.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { linkOurs, packedClient } from '../../support/packedClient.js'
import { freePort } from '../../support/postgres.js'
import { readmeBlock } from '../../support/readme.js'
import { temporaryFolder } from '../../support/server.js'
import { aKey } from '../api/client.js'

const run = promisify(execFile)
const tsc = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc')

/** What a minified app carries of it, as it travels and as it lies on the disk. */
const MOST_COMPRESSED = 15 * 1024
const MOST_MINIFIED = 40 * 1024

describe('the package that apps install', () => {
  let packed = ''
  beforeAll(async () => {
    packed = await packedClient()
  })

  /** A folder with the package installed, and what is linked into it of ours. */
  async function anAppFolder(files: Record<string, string>, linked: string[] = []): Promise<string> {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'package.json'),
      '{"name": "an-app", "version": "1.0.0", "type": "module", "private": true}',
    )
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', packed], { cwd: folder })
    linkOurs(folder, linked)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return folder
  }

  it('is named by its version, has no dependencies, and is small', async () => {
    expect(packed).toMatch(new RegExp(`/rollcall-${VERSION.replaceAll('.', '\\.')}\\.tgz$`))
    const folder = await anAppFolder({})
    const installed = join(folder, 'node_modules/rollcall')
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: 'rollcall', version: VERSION, license: 'Apache-2.0', type: 'module' })
    expect(manifest).not.toHaveProperty('dependencies')
    expect(manifest).not.toHaveProperty('scripts')
    const text = readFileSync(join(installed, 'esm/client.js'), 'utf8')
    expect(text).not.toMatch(/^import|\bimport\(|\brequire\(|node:/m)
    const { code } = await transform(text, { minify: true, target: 'es2022', format: 'esm' })
    const compressed = gzipSync(code, { level: 9 }).length
    console.log(`rollcall/client: ${code.length} bytes minified, ${compressed} compressed`)
    expect(compressed).toBeLessThan(MOST_COMPRESSED)
    expect(code.length).toBeLessThan(MOST_MINIFIED)
  })

  it('is put together as every kind of module and of TypeScript reads it', async () => {
    const bin = (name: string) => join(PROJECT_ROOT, 'node_modules/.bin', name)
    // Subpaths are not found by the resolution that TypeScript had before Node knew `exports`.
    await run(bin('attw'), [packed, '--profile', 'node16', '--no-color', '--format', 'ascii'])
    const folder = await anAppFolder({})
    await run(bin('publint'), ['--strict', join(folder, 'node_modules/rollcall')])
  })

  it('gives each of its doors to import and to require, without the server’s dependencies', async () => {
    const doors = {
      '': 'createVerifier',
      '/client': 'createVerifier',
      '/hono': 'createRollcall',
      '/express': 'createRollcall',
    }
    const folder = await anAppFolder(
      {
        'app.mjs': `import { RollcallStore } from 'rollcall/express-session'
          ${Object.entries(doors)
            .map(([path, name], i) => `import { ${name} as a${i} } from 'rollcall${path}'`)
            .join('\n')}
          console.log([RollcallStore, a0, a1, a2, a3].map((one) => typeof one).join())`,
        'app.cjs': `const { RollcallStore } = require('rollcall/express-session')
          const session = require('express-session')
          const all = [${Object.entries(doors).map(([path, name]) => `require('rollcall${path}').${name}`)}]
          console.log([RollcallStore, ...all].map((one) => typeof one).join())
          if (!(RollcallStore.prototype instanceof session.Store)) throw new Error('no store')`,
        'app.cts': `import session = require('express-session')
          import { RollcallStore } from 'rollcall/express-session'
          import { createRollcall, requireSession } from 'rollcall/express'
          const store = new RollcallStore({ url: '', key: '', account: (one) => ({ id: String(one['userId']) }) })
          session({ store, secret: 's' })
          createRollcall({ url: '', key: '' }).attach() satisfies ReturnType<typeof requireSession>`,
        'app.mts': `import express from 'express'
          import session from 'express-session'
          import { type Context, Hono } from 'hono'
          import { RollcallStore } from 'rollcall/express-session'
          import { createRollcall, requireRole } from 'rollcall/express'
          import * as hono from 'rollcall/hono'
          const store = new RollcallStore({ url: '', key: '' })
          const rollcall = createRollcall({ url: '', key: '' })
          const app = express()
          app.use(session({ store, secret: 's' }), store.middleware(), rollcall.attach(), requireRole('owner'))
          app.get('/', (req, res) => {
            const name: string | undefined = req.rollcall?.account.name
            // @ts-expect-error: nobody may be signed in
            req.rollcall.account
            res.send(name)
          })
          const other = hono.createRollcall({ url: '', key: '', clientIp: (c: Context) => c.req.header('x') })
          const web = new Hono<{ Variables: hono.SignedInVariables }>()
          web.use(other.attach(), hono.requireSession({ signIn: '/in' }))
          web.get('/', (c) => c.text(c.get('account').name))`,
        'tsconfig.json': JSON.stringify({
          compilerOptions: { target: 'ES2022', module: 'NodeNext', types: ['node'], strict: true, noEmit: true },
          files: ['app.cts', 'app.mts'],
        }),
      },
      ['express', 'express-session', 'hono', '@types'],
    )
    await run(process.execPath, [tsc, '-p', '.'], { cwd: folder })
    for (const file of ['app.mjs', 'app.cjs']) {
      const { stdout } = await run(process.execPath, [file], { cwd: folder })
      expect(stdout.trim()).toBe(Array(5).fill('function').join())
    }
    expect(readdirSync(join(folder, 'node_modules/rollcall'))).not.toContain('node_modules')
  })

  it('has types that need neither those of Node nor those of the DOM', async () => {
    const folder = await anAppFolder({
      'app.ts': `
        import { createVerifier, endWithSession, readCookie, type Verdict } from 'rollcall/client'
        import { honoSession } from 'rollcall/hono'
        const verifier = createVerifier({ url: 'https://rollcall.example.com', key: undefined, onFailure: ({ code }) => code })
        const verdict: Verdict = await verifier.verify(readCookie('a=b', 'a') ?? '', { ip: '203.0.113.7' })
        export const name: string = verdict.status === 'active' ? verdict.account.name : verdict.reason
        declare const known: { ip: string | undefined }
        export const stop: () => void = endWithSession(verifier, 'id', { close(code: number, reason: string) {} }, known)
        export const unwatch: () => void = verifier.onEnded('id', (reason) => reason, known)
        verifier.touch('id', known)
        // @ts-expect-error: where a request comes from must be said
        honoSession(verifier, {})
        // @ts-expect-error: a verdict that is not "active" has no account
        verdict.account
      `,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2022',
          lib: ['ES2022'],
          module: 'NodeNext',
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
        },
        files: ['app.ts'],
      }),
    })
    await run(process.execPath, [tsc, '-p', '.'], { cwd: folder })
  })

  it('has the README’s lines compile as strict TypeScript, as modules of both kinds', async () => {
    const app = `
      import express, { type Request, type Response } from 'express'
      import session from 'express-session'
      const app = express()
      declare const url: string, key: string | undefined, secret: string`
    const yours = 'declare const checkPassword: (body: unknown) => Promise<{ id: string; email: string }>'
    const programs = {
      store: `${app}\n${readmeBlock('js', "'rollcall/express-session'")}`,
      moving: `${app}
        import { RollcallStore } from 'rollcall/express-session'
        declare const oldStore: session.Store
        ${readmeBlock('js', 'movingFrom')}`,
      express: `${app}
        import { WebSocketServer } from 'ws'
        const sockets = new WebSocketServer({ noServer: true })
        declare const pay: (req: Request, res: Response) => void
        ${yours}
        ${readmeBlock('js', 'guardSocket(ws, request)')}`,
      hono: `
        import { type Context, Hono } from 'hono'
        import type { SessionVariables } from 'rollcall/hono'
        const app = new Hono<{ Variables: SessionVariables }>()
        declare const url: string, key: string | undefined
        declare const pay: (c: Context) => Response
        ${yours}
        ${readmeBlock('js', "'rollcall/hono'")}`,
    }
    const files = Object.entries(programs).flatMap(([name, text]) =>
      ['mts', 'cts'].map((ending): [string, string] => [`${name}.${ending}`, text]),
    )
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
    }
    const folder = await anAppFolder(
      {
        ...Object.fromEntries(files),
        'tsconfig.json': JSON.stringify({ compilerOptions, files: files.map(([name]) => name) }),
      },
      ['express', 'express-session', 'hono', '@hono/node-server', 'ws', '@types'],
    )
    const compiled = run(process.execPath, [tsc, '-p', '.'], { cwd: folder })
    expect((await compiled.catch((error: { stdout: string }) => error)).stdout).toBe('')
  })

  oneDatabase((database) => {
    const server = useApp(database)

    it('runs as the README shows it, and its example has no type error', async () => {
      const example = readmeBlock('ts', 'honoSession')
      const port = await freePort()
      const options = {
        target: 'ES2022',
        module: 'NodeNext',
        types: ['node'],
        strict: true,
        skipLibCheck: true,
        outDir: '.',
      }
      const folder = await anAppFolder(
        {
          'example.ts': example.replace('http://localhost:3000', server.url).replace('4000', String(port)),
          'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['example.ts'] }),
        },
        ['hono', '@hono/node-server', '@types/node'],
      )
      await run(process.execPath, [tsc, '-p', '.'], { cwd: folder })

      const appId = await anApp(database.db)
      const { secret } = await aKey(database.db, { app: appId, scopes: ['sessions:verify'] })
      const env = { PATH: process.env['PATH'], ROLLCALL_KEY: secret }
      const child = spawn(process.execPath, ['example.js'], { cwd: folder, env, stdio: 'inherit' })
      const exited = new Promise((resolve) => child.on('exit', resolve))
      onTestFinished(() => void child.kill('SIGKILL'))
      const { session, token, account } = await aSession(database.db, { app: appId })
      const me = async () => {
        const response = await fetch(`http://127.0.0.1:${port}/account/me`, { headers: { cookie: `session=${token}` } })
        return { status: response.status, body: await response.json() }
      }
      await vi.waitFor(
        async () => expect(await me()).toMatchObject({ status: 200, body: { name: account.name } }),
        10_000,
      )
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      await vi.waitFor(
        async () => expect(await me()).toEqual({ status: 401, body: { status: 'denied', reason: 'ended' } }),
        10_000,
      )
      child.kill('SIGTERM')
      expect(await exited).toBe(0)
    })

    it.each(['express', 'express-session', 'hono', 'node'] as const)(
      'runs for %s as the panel has its lines copied, and the first sign-in arrives',
      async (integration) => {
        const port = await freePort()
        const [lines] = snippetsFor(integration, { ...PROXY_NAMES, url: server.url })
        const folder = await anAppFolder(
          {
            'app.js': lines?.text.replace('4000', String(port)) ?? '',
            'yours.js': `globalThis.checkPassword = async () => ({ id: '7', email: '${integration}@example.com', name: 'Ada' })`,
          },
          ['express', 'express-session', 'hono', '@hono/node-server'],
        )
        const app = await anApp(database.db)
        const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify', 'sessions:write'] })
        const env = { PATH: process.env['PATH'], ROLLCALL_KEY: secret, SESSION_SECRET: 'a secret for the test' }
        const words = ['--import', './yours.js', 'app.js']
        const child = spawn(process.execPath, words, { cwd: folder, env, stdio: 'inherit' })
        onTestFinished(() => void child.kill('SIGKILL'))
        const at = (path: string, init: RequestInit = {}) =>
          fetch(`http://localhost:${port}${path}`, { redirect: 'manual', ...init })
        const signedIn = await vi.waitFor(() => at('/sign-in', { method: 'POST' }), 10_000)
        expect(signedIn.status).toBe(302)
        // express-session sends the head before it has saved, and the end after it.
        await signedIn.text()
        const { live, newest } = await readArrivals(database.db, app)
        expect(live).toBe(1)
        expect(newest?.account.email).toBe(`${integration}@example.com`)
        const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
        expect((await at('/account', { headers: { cookie } })).status).toBe(200)
      },
    )
  })
})

const PROXY_NAMES = { rollcall: '', host: '', rollcallAt: '', appAt: '', certificate: '' }
