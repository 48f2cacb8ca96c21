import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Writes where everything is into nginx.conf, and runs nginx with it, without rights of its own. */
const { ROLLCALL_URL: url = 'http://localhost:3000', PORT: port = '4003' } = process.env
const folder = mkdtempSync(join(tmpdir(), 'handbook-'))
const { uid, username } = userInfo()
const config = readFileSync(new URL('nginx.conf', import.meta.url), 'utf8')
  .replace('ROLLCALL', new URL(url).host)
  .replace('PORT', port)
  .replace('SITE', fileURLToPath(new URL('site', import.meta.url)))
writeFileSync(join(folder, 'nginx.conf'), uid === 0 ? `user ${username};\n${config}` : config)

const nginx = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
  env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  stdio: 'inherit',
})
nginx.on('error', ({ message }) => console.error(`nginx could not be started: ${message}`))
nginx.on('close', (code) => {
  rmSync(folder, { recursive: true })
  process.exit(code ?? 0)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => nginx.kill())

while (!(await isOpen())) await pause(50)
console.log(`The handbook is at http://handbook.localhost:${port}`)

function isOpen() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(true))
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => resolve(false))
  })
}
