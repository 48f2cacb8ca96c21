import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readConfig } from '../config.js'
import { openDatabase } from '../db/connect.js'
import { isDatabaseUnavailable } from '../db/unavailable.js'
import { openPlaces } from '../devices/place.js'
import { InWords } from '../inWords.js'
import { createLog } from '../log.js'
import { fill, NotEmpty } from './fill.js'

const USAGE = `npm run seed -- [--sessions 100000] [--accounts 20000] [--ended 200000] [--days 90]

Fills an empty database with invented people and their sessions, to try Rollcall at the size of your company. By default
twice as many sessions have ended as are live, and there are five to a person. It works on the database that the server
is configured for, by the same variables (DATABASE_URL, or ROLLCALL_DATA_DIR for the embedded one, which takes up to a
million); stop the server meanwhile. Nobody can sign in with these sessions.`

class BadArguments extends InWords {}

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof NotEmpty)
    console.error('This database is in use: there are apps or sessions in it. Name an empty one. Nothing was changed.')
  else if (error instanceof InWords) console.error(error.message)
  else if (isDatabaseUnavailable(error))
    console.error('The database of DATABASE_URL does not answer. Nothing was changed; try again when it does.')
  else createLog('fatal').fatal({ err: error }, 'nothing was changed')
  process.exit(1)
}

async function main(args: string[]) {
  const size = readArguments(args)
  if (!size) return console.log(USAGE)
  const config = readConfig(process.env)
  const places = await openPlaces({ geoDb: config.geoDb })
  await places.warm()
  // The places of IPv6 are read when first asked for.
  await places.find('2003:d8::1')
  const began = performance.now()
  const tell = (line: string) =>
    console.log(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}`)
  const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, connections: 1 })
  try {
    await database.migrate()
    await fill(database, size, places.findNow, tell)
    tell('done. Start the server: npm start')
  } finally {
    await database.close()
  }
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const
  const options = {
    sessions: text,
    accounts: text,
    ended: text,
    days: text,
    help: { type: 'boolean', short: 'h' },
  } as const
  let given: { [name in keyof typeof options]?: string | boolean | undefined }
  try {
    given = parseArgs({ args, options }).values
  } catch (error) {
    throw new BadArguments(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
  if (given.help) return undefined
  const sessions = given.sessions ?? 100_000
  const parsed = z
    .object({
      sessions: count(1, 100_000_000),
      ended: count(0, 1_000_000_000),
      accounts: count(1, 100_000_000),
      days: count(1, 365),
    })
    .safeParse({
      sessions,
      ended: given.ended ?? Number(sessions) * 2,
      accounts: given.accounts ?? Math.ceil(Number(sessions) / 5),
      days: given.days ?? 90,
    })
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`)
  throw new BadArguments(`${problems.join('\n')}\n\n${USAGE}`)
}
