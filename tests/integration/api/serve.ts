import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import pino from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { api } from '../../../src/api/routes.js'
import { readConfig } from '../../../src/config.js'
import { openDatabase } from '../../../src/db/connect.js'
import type { AppEnv, Services } from '../../../src/http/env.js'
import { PublicError } from '../../../src/http/errors.js'
import { answerError, answerNotFound } from '../../../src/http/failures.js'
import { securityHeaders } from '../../../src/http/headers.js'
import { closeServer, listen } from '../../../src/server.js'
import { startServices } from '../../../src/services.js'
import type { TestDatabase } from '../../support/database.js'
import { freePort } from '../../support/postgres.js'

export function useApi(database: TestDatabase, { ownPool = false } = {}) {
  let url = ''
  let services: Services
  const lines: string[] = []
  let stop: () => Promise<void>
  beforeAll(async () => {
    const config = readConfig({ PORT: String(await freePort()), LOG_LEVEL: 'debug' })
    const running = await startServices(
      config,
      ownPool ? await openDatabase({ url: database.url, dataDir: '' }) : database.open,
      pino({ level: 'debug' }, { write: (line) => lines.push(line) }),
    )
    services = running.services
    const app = new Hono<AppEnv>()
    app.use(async (c, next) => {
      for (const [name, service] of Object.entries(services)) c.set(name as never, service as never)
      c.set('ip', '127.0.0.1')
      await next()
    }, securityHeaders)
    app.use(
      bodyLimit({
        maxSize: 64 * 1024,
        onError: () => {
          throw new PublicError(413, 'too-large', 'The request is too large', '')
        },
      }),
    )
    app.onError(answerError)
    app.notFound(answerNotFound)
    app.route('/api/v1', api())
    const server = await listen(config, app.fetch)
    url = `http://localhost:${config.port}`
    stop = async () => {
      await running.stop()
      await closeServer(server, 500)
    }
  })
  afterAll(() => stop?.())
  return {
    get url() {
      return url
    },
    get services() {
      return services
    },
    log: () => lines.join(''),
  }
}
