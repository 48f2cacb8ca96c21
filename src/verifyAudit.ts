import { parseArgs } from 'node:util'
import { readHead } from './audit/compareHead.js'
import { type ChainReport, type NotedHead, verifyChain } from './audit/verify.js'
import { BadConfiguration, readConfig } from './config.js'
import { openDatabase } from './db/connect.js'
import { DataDirectoryInUse } from './db/lock.js'
import { NewerSchema } from './db/migrate.js'
import { isDatabaseUnavailable } from './db/unavailable.js'
import { createLog } from './log.js'

const USAGE = `npm run verify-audit -- [--head 51.42a1...97ec]

Reads the chain of hashes over the audit log, and says what was changed, removed or put in since it was sealed. With
--head it must still hold a head that was noted earlier. Exits with 0 where all is well, with 1 where it is not.`

/** The command can't be done as it was given: the message says what to do, and needs no stack. */
class CannotVerify extends Error {}

const IN_WORDS = [CannotVerify, BadConfiguration, DataDirectoryInUse, NewerSchema]

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof Error && IN_WORDS.some((kind) => error instanceof kind)) console.error(error.message)
  else if (isDatabaseUnavailable(error))
    console.error('The database of DATABASE_URL does not answer. Try again when it does.')
  // Not thrown on: the terminal would show the query with what was sent in it (S-61).
  else createLog('fatal').fatal({ err: error }, 'the chain could not be read')
  process.exit(1)
}

/** What the panel shows of the chain, on the server's terminal: works on the database that the server is configured for. */
async function main(args: string[]) {
  const noted = readArguments(args)
  if (noted === 'help') return console.log(USAGE)
  const config = readConfig(process.env)
  const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, connections: 1 })
  try {
    await database.migrate()
    const report = await verifyChain(database.db, { noted })
    console.log(inWords(report))
    if (report.problemCount > 0) process.exitCode = 1
  } finally {
    await database.close()
  }
}

function readArguments(args: string[]): NotedHead | undefined | 'help' {
  const { head, help } = parsed(args)
  if (help) return 'help'
  if (head === undefined) return undefined
  const noted = readHead(head)
  if (!noted) throw new CannotVerify('--head: a head is a number, a dot and 64 letters and digits.')
  return noted
}

function parsed(args: string[]) {
  const options = { head: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new CannotVerify(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
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
