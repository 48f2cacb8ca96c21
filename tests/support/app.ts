import { afterAll, beforeAll } from 'vitest'
import { createApp } from '../../src/app.js'
import { readConfig } from '../../src/config.js'
import type { Services } from '../../src/http/env.js'
import { createLog } from '../../src/log.js'
import { closeServer, listen } from '../../src/server.js'
import { startServices } from '../../src/services.js'
import type { TestDatabase } from './database.js'
import { quickPasswords } from './passwords.js'
import { freePort } from './postgres.js'

export interface ServedApp {
  /** http://localhost:<port> */
  readonly url: string
  readonly services: Services
  /** Present while nobody owns this installation. */
  readonly setupToken: string | undefined
  /** Everything that was logged. */
  log(): string
}

/** The whole app in this process, on a port of its own, over the block's database. Faster than a process of its own. */
export function useApp(database: TestDatabase, env: Record<string, string> = {}): ServedApp {
  const lines: string[] = []
  let app: { url: string; services: Services; setupToken: string | undefined; stop(): Promise<void> } | undefined

  beforeAll(async () => {
    const config = readConfig({ PORT: String(await freePort()), LOG_LEVEL: 'debug', ...env })
    const log = createLog(config.logLevel, { write: (line) => lines.push(line) })
    const running = await startServices(config, database.open, log)
    running.services.passwords = quickPasswords()
    const answering = createApp(running.services)
    const server = await listen(config, () => answering)
    app = {
      url: `http://localhost:${config.port}`,
      services: running.services,
      setupToken: running.setupToken,
      stop: async () => {
        await running.stop()
        await closeServer(server, 500)
      },
    }
  })
  afterAll(() => app?.stop())

  const started = () => {
    if (!app) throw new Error('The app is served only while tests and hooks run.')
    return app
  }
  return {
    get url() {
      return started().url
    },
    get services() {
      return started().services
    },
    get setupToken() {
      return started().setupToken
    },
    log: () => lines.join(''),
  }
}
