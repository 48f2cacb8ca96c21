import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeCertificate } from './certificate.js'
import { freePort } from './postgresServer.js'
import { readmeBlock } from './readme.js'

export const PROXIES = ['nginx', 'Caddy'] as const
export type ProxyName = (typeof PROXIES)[number]

/** Where what the README's snippets name is in a test. */
export interface Ports {
  /** Of https. */
  https: number
  rollcall: number
  wiki: number
}

/** The real program with the README's own snippet; nothing in it is changed but ports and the place of the certificate. */
export async function startReverseProxy(
  name: ProxyName,
  ports: Ports,
): Promise<{ stop(): Promise<void>; log(): string }> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-proxy-'))
  const [program, words] = name === 'nginx' ? nginx(folder, ports) : await caddy(folder, ports)
  let written = ''
  const child = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      written += chunk.toString()
    })
  const stop = () => end(child, folder)
  try {
    await untilListening(child, ports.https)
  } catch (error) {
    await stop()
    throw new Error(`${name} did not start:\n${written}`, { cause: error })
  }
  return { stop, log: () => written }
}

function snippet(language: string, { rollcall, wiki }: Ports): string {
  const found = readmeBlock(language)
  return found.replaceAll('127.0.0.1:3000', `127.0.0.1:${rollcall}`).replaceAll('127.0.0.1:8080', `127.0.0.1:${wiki}`)
}

function nginx(folder: string, ports: Ports): [string, string[]] {
  makeCertificate(folder, ['rollcall.example.com', 'wiki.example.com'])
  const servers = snippet('nginx', ports)
    .replaceAll('listen 443 ssl', `listen 127.0.0.1:${ports.https} ssl`)
    .replaceAll('/etc/ssl/', `${folder}/`)
  writeFileSync(join(folder, 'rollcall.conf'), servers)
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  )
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${user} daemon off; pid ${folder}/pid; error_log stderr warn; events {}
    http { access_log off; ${scratch.join(' ')} include ${folder}/rollcall.conf; }`,
  )
  const program = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync) ?? 'nginx'
  return [program, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]]
}

/** Its own authority makes the certificates. */
async function caddy(folder: string, ports: Ports): Promise<[string, string[]]> {
  const options = `{
	admin off
	http_port ${await freePort()}
	https_port ${ports.https}
	default_bind 127.0.0.1
	local_certs
	skip_install_trust
}\n`
  writeFileSync(join(folder, 'Caddyfile'), options + snippet('caddyfile', ports))
  mkdirSync(join(folder, 'caddy'))
  return ['caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']]
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await pause(25)
  }
  throw new Error('nothing listens')
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}
