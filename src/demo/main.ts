import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../app.js'
import { type Config, readConfig } from '../config.js'
import { openDatabase } from '../db/connect.js'
import type { Services } from '../http/env.js'
import { InWords } from '../inWords.js'
import { createLog } from '../log.js'
import { type Answering, closeServer, listen } from '../server.js'
import { startServices } from '../services.js'
import { recordCounts } from '../sessions/lists/counts.js'
import { cast } from './admins.js'
import { startCrowd } from './crowd.js'
import { backfill } from './history.js'
import { everybody, type Simulation } from './live.js'
import { createCompany } from './people.js'

const DRAIN_MS = 1_000
const LONGEST_STOP_MS = 5_000

try {
  await main()
} catch (error) {
  if (error instanceof InWords) console.error(error.message)
  else createLog('fatal').fatal({ err: error }, 'the demo did not start')
  process.exit(1)
}

/** The real server on a database that goes when it stops, with a company that uses it. */
async function main() {
  let stop = async (): Promise<void> => process.exit(0)
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
  const dataDir = mkdtempSync(join(tmpdir(), 'rollcall-demo-'))
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
  const config = demoConfig(process.env, dataDir)
  const log = createLog(config.logLevel)

  let app: Answering = { fetch: starting }
  const server = await listen(config, () => app)
  const database = await openDatabase({ dataDir })
  const running = await startServices(config, database, log)
  const simulation = await invent(running.services)
  app = createApp(running.services)
  const stopCrowd = startCrowd(everybody(simulation), {
    onFailure: (error) => log.warn({ err: error }, 'a simulated browser failed; it tries again'),
  })
  stop = async () => {
    // Ctrl-C reaches this process twice, from the terminal and from npm: the second one has nothing to do.
    stop = async () => {}
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref()
    await stopCrowd()
    const closed = closeServer(server, DRAIN_MS)
    await running.stop()
    await closed
    await database.close()
    process.exit(0)
  }
  tell(config, simulation)
}

function starting(): Response {
  return new Response('The demo is starting. Try again in a moment.', { status: 503, headers: { 'Retry-After': '2' } })
}

/** The company and its last two weeks, written into the fresh database. */
async function invent({ config, db, places, passwords }: Services): Promise<Simulation & { ownerPassword: string }> {
  await places.warm()
  const now = Date.now()
  const people = createCompany(new Date(now))
  const [ownerPassword, password] = [readablePassword(), readablePassword()]
  const hashes = { owner: await passwords.hash(ownerPassword), staff: await passwords.hash(password) }
  const history = await backfill(db, people, now, hashes, places.findNow)
  // The services have already counted this quarter of an hour, when nobody was there yet.
  await recordCounts(db)
  return { origin: `http://127.0.0.1:${config.port}`, people, history, password, ownerPassword, now }
}

function tell(config: Config, { people, ownerPassword }: Awaited<ReturnType<typeof invent>>) {
  const { email } = cast(people).ada
  const countries = new Set(people.map(({ place }) => place.country)).size
  console.log(
    `Rollcall’s demo is ready at http://localhost:${config.port} - sign in as ${email} with the password ${ownerPassword}`,
  )
  console.log(
    `${people.length} people in ${countries} countries come and go, and somebody tries their passwords. Ctrl-C stops it and leaves nothing behind.`,
  )
}

/** Its requests all come from this machine: the simulated browsers say in `X-Forwarded-For` where they are. */
function demoConfig(
  { PORT, HOST, LOG_LEVEL, ROLLCALL_GEO_DB }: Record<string, string | undefined>,
  dataDir: string,
): Config {
  return readConfig({
    PORT,
    HOST,
    ROLLCALL_GEO_DB,
    LOG_LEVEL: LOG_LEVEL || 'warn',
    ROLLCALL_DATA_DIR: dataDir,
    ROLLCALL_TRUSTED_PROXIES: '127.0.0.1,::1',
  })
}

/** 80 bits as four groups of letters and digits that nobody confuses. */
function readablePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const text = [...randomBytes(16)].map((byte) => letters[byte % letters.length]).join('')
  return text.replace(/.{4}(?=.)/g, '$&-')
}
