import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { type HostWanted, saveHost } from '../../src/accounts/apps/protectedHosts.js'
import { SYSTEM } from '../../src/audit/types.js'
import type { AppId } from '../../src/db/ids.js'
import type { ServedApp } from './app.js'
import { anApp } from './builders.js'
import type { TestDatabase } from './database.js'

interface Sent {
  token?: string
  query?: string
  /** Several of one name: each is sent. */
  headers?: Record<string, string | string[]>
}

/** Of an app, where a test names none. */
export const usualHost = (appId: AppId): string => `${appId.slice(-12)}.localhost`

/** Protected hosts of an app that trusts 127.0.0.0/8, and what their proxy asks. */
export function useForwardAuth(database: TestDatabase, app: ServedApp) {
  const nudge = () => app.services.node.engine.follower.nudge()

  async function aHost(wanted: Partial<HostWanted> = {}): Promise<{ appId: AppId; host: string }> {
    const appId = wanted.appId ?? (await anApp(database.db))
    const host = usualHost(appId)
    const saved = await saveHost(database.db, { host, appId, role: 'person', rules: [], ...wanted }, SYSTEM, {
      secure: false,
      own: undefined,
    })
    if (saved?.status !== 'saved') throw new Error(JSON.stringify(saved))
    await nudge()
    return { appId, host: saved.host.host }
  }

  /** As a proxy asks; `fetch` would set `Sec-Fetch-Mode` itself. */
  const verify = (host: string, { token, query = '', headers = {} }: Sent = {}) =>
    new Promise<{ status: number; headers: Headers; body: string }>((resolve, reject) => {
      const sent = {
        'x-forwarded-host': host,
        'x-forwarded-uri': '/page?x=1',
        'x-forwarded-method': 'GET',
        'x-forwarded-for': '203.0.113.34',
        ...(token ? { cookie: `rollcall-app=${token}` } : {}),
        ...headers,
      }
      const asked = get(`${app.url}/verify${query}`, { headers: sent }, async (answer) => {
        const body = await text(answer)
        resolve({
          status: answer.statusCode ?? 0,
          headers: new Headers(answer.headers as Record<string, string>),
          body,
        })
      })
      asked.once('error', reject)
    })

  return { aHost, verify, nudge }
}
