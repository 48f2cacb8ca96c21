import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { createApp } from './app.js'
import { type Config, readConfig } from './config.js'
import { withoutCredentials } from './databaseUrl.js'
import { type OpenDatabase, openDatabase } from './db/connect.js'
import { isDatabaseUnavailable } from './db/unavailable.js'
import { starting } from './http/starting.js'
import { InWords } from './inWords.js'
import { createLog } from './log.js'
import { type Answering, closeServer, listen } from './server.js'
import { type Running, startServices } from './services.js'
import { VERSION } from './version.js'

const LONGEST_WAIT_MS = 30_000
const DRAIN_MS = 5_000
const LONGEST_STOP_MS = 9_000

try {
  await main()
} catch (error) {
  if (error instanceof InWords) console.error(error.message)
  else createLog('fatal').fatal({ err: error }, 'Rollcall did not start')
  process.exit(1)
}

async function main() {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  if (config.unread.length > 0) log.warn({ variables: config.unread }, 'these variables are not known and do nothing')
  if (config.trustedProxies.some((network) => network.endsWith('/0')))
    log.warn('ROLLCALL_TRUSTED_PROXIES holds everybody: whoever reaches this process says what address they have')

  let app: Answering = starting(config)
  const server = await listen(config, () => app)
  log.info({ version: VERSION, node: config.nodeName, database: whereTheDatabaseIs(config) }, 'starting')
  let database: OpenDatabase | undefined
  let running: Running | undefined
  let stopping = false

  const stop = async (code: number) => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(code || 1), LONGEST_STOP_MS).unref()
    const closed = closeServer(server, DRAIN_MS)
    await running?.stop().catch((error: unknown) => log.error({ err: error }, 'stopping'))
    await closed
    await database?.close().catch((error: unknown) => log.error({ err: error }, 'closing the database'))
    process.exit(code)
  }
  // Before the database is opened, which takes seconds: as a container's first process it gets no signal that it does not ask for.
  process.once('SIGTERM', () => void stop(0))
  process.once('SIGINT', () => void stop(0))
  // An error that nobody expected leaves an unknown state: drain and let the supervisor start anew (S-66).
  for (const event of ['unhandledRejection', 'uncaughtException']) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, 'unexpected error outside a request; stopping')
      void stop(1)
    })
  }

  const opened = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir })
  database = opened
  running = await untilDatabaseAnswers(() => startServices(config, opened, log), log)
  app = createApp(running.services)
  console.log(readyLine(config, running.setupToken))
}

async function untilDatabaseAnswers<T>(start: () => Promise<T>, log: Logger): Promise<T> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await start()
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error
      log.warn({ nextTryInMs: waitMs, cause: rootCause(error) }, 'the database does not answer; waiting for it')
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}

/** The innermost message: the outer ones hold the query. */
function rootCause(error: unknown): string {
  return error instanceof Error ? (error.cause ? rootCause(error.cause) : error.message || error.name) : String(error)
}

/** Said at each start: without DATABASE_URL, be it by mistake, it is another database, and empty. */
function whereTheDatabaseIs({ databaseUrl, dataDir }: Config): string {
  return databaseUrl ? withoutCredentials(databaseUrl) : `embedded, in ${resolve(dataDir)}`
}

function readyLine(config: Config, setupToken: string | undefined): string {
  const base = config.publicUrl?.origin ?? `http://localhost:${config.port}`
  const next = setupToken
    ? `. Make the first owner (link works once, for 24 hours): ${base}/setup?token=${setupToken}`
    : ''
  return `Rollcall is ready at ${base}${next}`
}
