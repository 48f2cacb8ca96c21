import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { badEmail } from './accounts/accounts.js'
import { readEmail } from './accounts/emails.js'
import { type Unlocked, unlockOwner } from './accounts/unlock.js'
import { type Config, readConfig } from './config.js'
import { openDatabase } from './db/connect.js'
import { embeddedIn } from './db/embedded.js'
import { DataDirectoryInUse } from './db/lock.js'
import { isDatabaseUnavailable } from './db/unavailable.js'
import { InWords } from './inWords.js'
import { createLog } from './log.js'

const USAGE = `npm run owner -- --email ada@example.com [--name "Ada Example"] [--lift-networks]

The way back in, for whoever can run a command on this machine: makes the account an owner (and makes it, if there is
none), lifts its block, and prints a link to choose a password with. The link works once, for 7 days.
Blocks of networks hold for owners too: --lift-networks lifts all of them.`

/** The command can't be done as it was given: the message says what to do, and needs no stack. */
class CannotUnlock extends InWords {}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof InWords) console.error(error.message)
  // Not thrown on: the terminal would show the query with what was sent in it (S-61).
  else createLog('fatal').fatal({ err: error }, 'nothing was changed')
  process.exit(1)
}

/** The way back in (S-37): works on the database that the server is configured for, by the same variables. */
async function main(args: string[]) {
  const who = readArguments(args)
  if (who === 'help') return console.log(USAGE)
  const config = readConfig(process.env)
  const isThere = config.databaseUrl !== undefined || existsSync(embeddedIn(config.dataDir))
  const unlocked = await onDatabase(config, who)
  const base = config.publicUrl?.origin ?? `http://localhost:${config.port}`
  console.log(inWords(unlocked))
  if (!isThere) console.log(madeAnew(config))
  console.log(`Choose a password (the link works once, for 7 days): ${base}/invitation?token=${unlocked.token}`)
  if (unlocked.networksBlocked > 0) console.log(stillBlocked(unlocked.networksBlocked))
  if (!config.databaseUrl) console.log('Start the server first: npm start')
}

interface Who {
  email: string
  name: string | undefined
  liftNetworks: boolean
}

function readArguments(args: string[]): Who | 'help' {
  const { email, name, help, 'lift-networks': liftNetworks = false } = parsed(args)
  if (help) return 'help'
  if (!email) throw new CannotUnlock(`Say whose account it is: --email is missing.\n\n${USAGE}`)
  // Before a database is opened, and perhaps made, for nothing.
  if (!readEmail(email)) throw new CannotUnlock(`--email: ${badEmail.problem} Nothing was changed.`)
  return { email, name, liftNetworks }
}

function parsed(args: string[]) {
  const options = {
    email: { type: 'string' },
    name: { type: 'string' },
    'lift-networks': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new CannotUnlock(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

async function onDatabase(config: Config, who: Who): Promise<Unlocked> {
  const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, connections: 1 }).catch(
    (error: unknown) => {
      throw error instanceof DataDirectoryInUse ? new CannotUnlock(whoHolds(config, error)) : error
    },
  )
  try {
    await database.migrate()
    const answer = await unlockOwner(database.db, who)
    if (answer.status === 'unlocked') return answer
    throw new CannotUnlock(`--${answer.path}: ${answer.problem} Nothing was changed.`)
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error
    throw new CannotUnlock('The database of DATABASE_URL does not answer. Nothing was changed; try again when it does.')
  } finally {
    await database.close()
  }
}

function whoHolds({ dataDir }: Config, { message }: DataDirectoryInUse): string {
  return `The running server holds the data directory ${dataDir}, and the embedded database serves one process at a time. Stop the server, run this command again, then start the server.\n(${message})`
}

function inWords({ account, did }: Unlocked): string {
  const done = [
    did.created ? 'the account was made' : '',
    did.promoted ? 'it is an owner now, and what it had open has ended' : '',
    did.blockLifted ? 'its block was lifted' : '',
    did.networksLifted ? `${did.networksLifted} blocks of networks were lifted` : '',
  ].filter(Boolean)
  return `${account.name} (${account.email}) is an owner${done.length ? `: ${done.join('; ')}` : ' already; nothing had to be changed'}.`
}

/** A terminal seldom has the variables of the service: its owner would be made where no server ever looks. */
function madeAnew({ dataDir }: Config): string {
  return `There was no database in ${dataDir}: this is a new one. If the server has another, set ROLLCALL_DATA_DIR or DATABASE_URL as it has them, and run this again.`
}

function stillBlocked(networks: number): string {
  return `${networks === 1 ? 'One network is' : `${networks} networks are`} blocked, for owners too. If yours is among them, run this again with --lift-networks.`
}
