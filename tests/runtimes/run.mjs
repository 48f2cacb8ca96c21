import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * `npm run test:runtimes`: the packed client on each runtime that can be had from the registry, by import and by require,
 * against a real server. Exits with 1 where one of them fails; one that can't be had is named.
 */
const RUNTIMES = {
  [`Node ${process.versions.node}`]: [process.execPath],
  'Node 22': ['npx', '-y', 'node@22'],
  'Node 24': ['npx', '-y', 'node@24'],
  Bun: ['npx', '-y', 'bun', 'run'],
  Deno: ['npx', '-y', 'deno', 'run', '--allow-all'],
}
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..')
const BOOTSTRAP = `rck_${'m'.repeat(43)}`

const folder = mkdtempSync(join(tmpdir(), 'rollcall-runtimes-'))
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const server = spawn(process.execPath, ['dist/server/main.js'], {
  cwd: ROOT,
  env: {
    PATH: process.env.PATH,
    PORT: port,
    ROLLCALL_DATA_DIR: join(folder, 'data'),
    ROLLCALL_BOOTSTRAP_KEY: BOOTSTRAP,
  },
  stdio: ['ignore', 'ignore', 'inherit'],
})
try {
  execFileSync('npm', ['run', '-s', 'pack:client', '--', folder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const app = join(folder, 'app')
  execFileSync('mkdir', [app])
  writeFileSync(join(app, 'package.json'), '{ "name": "an-app", "private": true }')
  execFileSync(
    'npm',
    ['install', '--silent', '--ignore-scripts', join(folder, 'rollcall-0.1.0.tgz'), 'express-session', 'express'],
    { cwd: app },
  )
  const key = await keyOfAnApp()
  writeProgram(app)
  let failed = false
  for (const [name, [command, ...words]] of Object.entries(RUNTIMES)) {
    for (const file of ['app.mjs', 'app.cjs']) {
      const env = { ...process.env, ROLLCALL_URL: url, ROLLCALL_KEY: key }
      const { status, stdout, stderr } = spawnSync(command, [...words, file], {
        cwd: app,
        env,
        encoding: 'utf8',
        timeout: 120_000,
      })
      const said = stdout.trim().split('\n').at(-1)
      const isGood = status === 0 && said?.startsWith('all well')
      failed ||= !isGood
      console.log(
        `${isGood ? 'ok    ' : 'FAILED'} ${name}, ${file}: ${isGood ? said : `${status} ${stderr.slice(-600)}`}`,
      )
    }
  }
  process.exitCode = failed ? 1 : 0
} finally {
  server.kill()
  rmSync(folder, { recursive: true, force: true })
}

function writeProgram(app) {
  const program = `
    async function main() {
      const store = new RollcallStore({ url: process.env.ROLLCALL_URL, key: process.env.ROLLCALL_KEY })
      const rollcall = createRollcall({ url: process.env.ROLLCALL_URL, key: process.env.ROLLCALL_KEY, cookie: 'session' })
      await Promise.all([store.verifier.started, rollcall.verifier.started])
      const sid = 'sid' + Math.random()
      await store.set(sid, { cookie: { originalMaxAge: 60000 }, userId: sid, views: 1 })
      const found = await store.get(sid)
      if (found.views !== 1) throw new Error('not what was stored')
      await store.destroy(sid)
      if (await store.get(sid) !== null) throw new Error('it came back')
      const app = express()
      app.use(rollcall.attach())
      app.get('/in', (req, res, next) => void rollcall.startSession(req, res, { id: sid }).then(() => res.send('in'), next))
      app.get('/me', requireSession(), (req, res) => void res.send(req.rollcall.account.name))
      const server = await new Promise((resolve) => { const s = app.listen(0, '127.0.0.1', () => resolve(s)) })
      const at = 'http://127.0.0.1:' + server.address().port
      const cookie = (await fetch(at + '/in')).headers.get('set-cookie').split(';')[0]
      const [nobody, me] = await Promise.all([fetch(at + '/me'), fetch(at + '/me', { headers: { cookie } })])
      if (nobody.status !== 401 || me.status !== 200) throw new Error(nobody.status + ' ' + me.status)
      if (typeof honoSession !== 'function' || typeof createVerifier !== 'function') throw new Error('a door is shut')
      server.close()
      await Promise.all([store.stop(), rollcall.stop()])
      console.log('all well')
      process.exit(0)
    }
    main().catch((error) => { console.error(error); process.exit(1) })`
  const doors = {
    createVerifier: 'rollcall',
    honoSession: 'rollcall/hono',
    'createRollcall, requireSession': 'rollcall/express',
    RollcallStore: 'rollcall/express-session',
  }
  const each = (line) =>
    Object.entries(doors)
      .map(([names, door]) => line(names, door))
      .join('\n')
  writeFileSync(
    join(app, 'app.mjs'),
    `import express from 'express'\n${each((names, door) => `import { ${names} } from '${door}'`)}${program}`,
  )
  writeFileSync(
    join(app, 'app.cjs'),
    `const express = require('express')\n${each((names, door) => `const { ${names} } = require('${door}')`)}${program}`,
  )
}

async function keyOfAnApp() {
  const post = async (path, body) => {
    for (let tries = 0; ; tries++) {
      const headers = { authorization: `Bearer ${BOOTSTRAP}`, 'content-type': 'application/json' }
      const response = await fetch(`${url}/api/v1${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      }).catch(() => undefined)
      if (response?.ok) return response.json()
      if (tries === 300) throw new Error(`the server does not answer: ${await response?.text()}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const { id } = await post('/apps', { name: 'Runtimes' })
  return (await post('/keys', { app: id, name: 'runtimes', scopes: ['sessions:verify', 'sessions:write'] })).secret
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
