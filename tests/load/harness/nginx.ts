import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../support/postgres.js'
import { SUBJECT_CORE } from './machine.js'

export interface Nginx {
  pid: number
  port: number
  stop(): void
}

export const PAGE = 'a page that is protected'

/**
 * One worker that serves a file to whom another server lets in, as the README has it, on the core of what is measured.
 *
 * @param host as the browser would send it
 */
export async function startNginx(authPort: number, host: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-nginx-'))
  const port = await freePort()
  mkdirSync(join(folder, 'pages'))
  writeFileSync(join(folder, 'pages', 'index.html'), PAGE)
  writeFileSync(join(folder, 'nginx.conf'), configuration({ folder, port, authPort, host }))
  const words = ['--cpu-list', SUBJECT_CORE, '/usr/sbin/nginx', '-p', folder, '-e', 'stderr', '-c', 'nginx.conf']
  const server = spawn('taskset', words, { stdio: ['ignore', 'inherit', 'inherit'] })
  process.on('exit', () => server.kill('SIGKILL'))
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (answer) break
    if (tries === 100 || server.exitCode !== null)
      throw new Error('nginx does not start; is it installed (apt-get install nginx)?')
    await pause(50)
  }
  return {
    pid: server.pid ?? 0,
    port,
    stop: () => {
      server.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (of: { folder: string; port: number; authPort: number; host: string }) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; master_process off; pid ${of.folder}/pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${of.folder}/${kind};`).join(' ')}
  upstream auth { server 127.0.0.1:${of.authPort}; keepalive 128; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${of.port};
    root ${of.folder}/pages;
    location = /.rollcall/verify {
      internal;
      proxy_pass http://auth/verify?redirect=never;
      proxy_http_version 1.1;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host ${of.host};
      proxy_set_header X-Forwarded-Uri $request_uri;
      proxy_set_header X-Forwarded-Method $request_method;
    }
    location / {
      auth_request /.rollcall/verify;
      auth_request_set $rollcall_account $upstream_http_x_rollcall_account;
    }
  }
}
`
