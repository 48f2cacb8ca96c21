import type { Command } from 'commander'
import { accountOfSession } from '../client/store/accounts.js'
import { apiCommand, group, type Shared, withApi } from './command.js'
import { badUsage, EXIT } from './exit.js'
import { accountAt, linesOf, moveAll } from './import/move.js'
import type { OldSession } from './import/old.js'
import { pgSimple } from './import/pgSimple.js'
import { redisStore } from './import/redis.js'
import { showJson, table } from './output.js'
import type { Terminal } from './terminal.js'

const AFTER = `
The old store is only read. Without --apply nothing is changed anywhere. It may be run again at any time: what is in
Rollcall already, or has ended there, stays as it is. The address of the old store may hold a password, so it comes from
ROLLCALL_IMPORT_URL. The key is the app’s own, with the scopes sessions:verify and sessions:write.`

type ImportOptions = Shared & { apply?: boolean; account?: string; email?: string; name?: string }

/** Moves the sessions of an existing express-session store: nobody has to sign in again. */
export const importing = (terminal: Terminal, finish: (code: number) => void): Command => {
  const act = <O extends ImportOptions>(read: (url: string, options: O) => AsyncIterable<OldSession[]>) =>
    withApi(terminal, async (api, options: O) => {
      const url = terminal.env['ROLLCALL_IMPORT_URL']
      if (!url)
        throw badUsage('Set ROLLCALL_IMPORT_URL to where the old store is, such as postgres://user:password@host/app.')
      const account = options.account || options.email ? accountAt(options) : accountOfSession
      const report = await moveAll(api, read(url, options), { account, apply: options.apply ?? false })
      if (options.json) showJson(terminal, report)
      else {
        terminal.out(
          table(
            terminal,
            [
              { title: 'SESSIONS', cell: ([count]) => count },
              { title: '', cell: ([, what]) => what },
            ],
            linesOf(report),
          ),
        )
        if (!options.apply) terminal.err('Nothing was changed: this was a dry run. --apply moves them.\n')
      }
      if (report.refused > 0) finish(EXIT.refused)
    })
  return group('import', 'move the sessions of another express-session store here', [
    shared(
      'connect-pg-simple',
      'of connect-pg-simple, in PostgreSQL',
      'ROLLCALL_IMPORT_URL=postgres://... rollcall import connect-pg-simple',
    )
      .option('--table <name>', 'its table', 'session')
      .option('--schema <name>', 'the table’s schema', 'public')
      .action(
        act((url, { table, schema }: ImportOptions & { table: string; schema: string }) =>
          pgSimple(url, { table, schema }),
        ),
      ),
    shared(
      'connect-redis',
      'of connect-redis, in Redis (needs: npm install redis)',
      'ROLLCALL_IMPORT_URL=redis://... rollcall import connect-redis --apply',
    )
      .option('--prefix <text>', 'of its keys', 'sess:')
      .action(act((url, { prefix }: ImportOptions & { prefix: string }) => redisStore(url, prefix))),
  ])
}

const shared = (name: string, summary: string, example: string) =>
  apiCommand(name, summary, example)
    .option('--apply', 'do it; without it nothing is changed')
    .option(
      '--account <path>',
      'where in a session the user id is, such as user.id (else what passport keeps, or userId)',
    )
    .option('--email <path>', 'where the e-mail address is')
    .option('--name <path>', 'where the name is')
    .addHelpText('after', AFTER)
