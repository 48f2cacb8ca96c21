import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll } from 'vitest'
import type { WebSocket } from 'ws'
import { type HostWanted, type ProtectedHost, saveHost } from '../../src/accounts/apps/protectedHosts.js'
import { SYSTEM } from '../../src/audit/types.js'
import type { AppId } from '../../src/db/ids.js'
import { type ServedApp, useApp } from './app.js'
import { anApp } from './builders.js'
import type { TestDatabase } from './database.js'
import { freePort } from './postgres.js'
import { type ProxyName, startReverseProxy } from './reverseProxy.js'
import { startWiki } from './wiki.js'

export interface ProtectedWiki {
  readonly app: ServedApp
  readonly appId: AppId
  /** https://rollcall.example.com:<port> */
  readonly rollcall: string
  /** https://wiki.example.com:<port> */
  readonly wiki: string
  /** Of the wiki. */
  readonly host: ProtectedHost
  /** As an owner does, here and in force at once. */
  change(wanted: Partial<HostWanted>): Promise<void>
}

/** Rollcall, a wiki that knows nothing of it, and in front of both a real proxy with the README's snippet. */
export function useProtectedWiki(
  database: TestDatabase,
  proxy: ProxyName,
  onSocket?: (socket: WebSocket, headers: IncomingHttpHeaders) => void,
): ProtectedWiki {
  const env: Record<string, string> = {}
  const stops: (() => unknown)[] = []
  let ports = { https: 0, rollcall: 0, wiki: 0 }
  let appId: AppId
  let host: ProtectedHost

  beforeAll(async () => {
    ports.https = await freePort()
    env['ROLLCALL_PUBLIC_URL'] = `https://rollcall.example.com:${ports.https}`
    env['ROLLCALL_TRUSTED_PROXIES'] = '127.0.0.1'
  })
  const app = useApp(database, env)
  beforeAll(async () => {
    const wiki = await startWiki(onSocket)
    stops.push(wiki.stop)
    ports = { ...ports, wiki: wiki.port, rollcall: app.services.config.port }
    stops.push((await startReverseProxy(proxy, ports)).stop)
    appId = await anApp(database.db, { name: 'Wiki' })
    await save({ host: `wiki.example.com:${ports.https}`, appId, role: 'person', rules: [] })
  }, 60_000)
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })

  async function save(wanted: HostWanted) {
    const saved = await saveHost(database.db, wanted, SYSTEM, { id: host?.id, secure: true, own: undefined })
    if (saved?.status !== 'saved') throw new Error(`the host was not saved: ${JSON.stringify(saved)}`)
    host = saved.host
    await app.services.node.engine.follower.nudge()
  }

  return {
    app,
    get appId() {
      return appId
    },
    get rollcall() {
      return env['ROLLCALL_PUBLIC_URL'] ?? ''
    },
    get wiki() {
      return `https://wiki.example.com:${ports.https}`
    },
    get host() {
      return host
    },
    change: (wanted) => save({ host: host.host, appId, role: host.role, rules: host.rules, ...wanted }),
  }
}
