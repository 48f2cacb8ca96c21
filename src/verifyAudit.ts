import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readHead } from './audit/compareHead.js'
import { type ChainReport, type NotedHead, verifyChain } from './audit/verify.js'
import { badUsage, CommandFailed, EXIT, refused } from './cli/exit.js'
import { type Config, readConfig } from './config.js'
import { openDatabase } from './db/connect.js'
import { embeddedIn } from './db/embedded.js'
import { isDatabaseUnavailable } from './db/unavailable.js'
import { InWords } from './inWords.js'
import { createLog } from './log.js'

const USAGE = `npm run verify-audit -- [--head 51.42a1...97ec] [--json]

Reads the chain of hashes over the audit log, and says what was changed, removed or put in since it was sealed. With
--head it must still hold a head that was noted earlier. Exits with 0 where all is well, with 1 where it is not.`

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof InWords) console.error(error.message)
  else if (isDatabaseUnavailable(error))
    console.error('The database of DATABASE_URL does not answer. Try again when it does.')
  // Not thrown on: the terminal would show the query with what was sent in it (S-61).
  else createLog('fatal').fatal({ err: error }, 'the chain could not be read')
  process.exit(error instanceof CommandFailed ? error.exitCode : EXIT.refused)
}

/** What the panel shows of the chain, on the server's terminal: works on the database that the server is configured for. */
async function main(args: string[]) {
  const given = readArguments(args)
  if (given === 'help') return console.log(USAGE)
  const { noted, json } = given
  const config = readConfig(process.env)
  refuseWithoutDatabase(config)
  const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, connections: 1 })
  try {
    await database.migrate()
    const report = await verifyChain(database.db, { noted })
    const intact = report.problemCount === 0
    console.log(json ? JSON.stringify({ ...report, intact }, null, 2) : inWords(report))
    if (!intact) process.exitCode = EXIT.refused
  } finally {
    await database.close()
  }
}

/** A log that was made for the question is intact: in the wrong folder, all would seem well. */
function refuseWithoutDatabase({ databaseUrl, dataDir }: Config) {
  if (databaseUrl || existsSync(embeddedIn(dataDir))) return
  throw refused(
    `There is no database in ${dataDir}, so nothing was verified. Set ROLLCALL_DATA_DIR or DATABASE_URL as the server has it.`,
  )
}

function readArguments(args: string[]): { noted: NotedHead | undefined; json: boolean } | 'help' {
  const { head, json = false, help } = parsed(args)
  if (help) return 'help'
  const noted = head === undefined ? undefined : readHead(head)
  if (head !== undefined && !noted) throw badUsage('--head: a head is a number, a dot and 64 letters and digits.')
  return { noted, json }
}

function parsed(args: string[]) {
  const options = {
    head: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw badUsage(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

function inWords({ events, from, to, head, problems, problemCount, noted }: ChainReport): string {
  const wrong = problems.map(
    ({ kind, event, seal }) => `  ${kind}${event ? ` event ${event}` : ''}${seal === null ? '' : ` seal ${seal}`}`,
  )
  const more = problemCount - problems.length
  return [
    `${events} events under seals ${from} to ${to} were verified.`,
    ...(problemCount === 0
      ? ['Nothing was changed, removed, put in or moved.']
      : [`${problemCount} ${problemCount === 1 ? 'is' : 'are'} not as sealed:`]),
    ...wrong,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(noted === 'same' ? ['The chain holds the head that was noted.'] : []),
    ...(noted === 'too-old' ? ['The head that was noted is older than the log is kept.'] : []),
    ...(head ? [`Head: ${head}`] : []),
  ].join('\n')
}
