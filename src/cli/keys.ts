import { type Command, Option } from 'commander'
import { SCOPES } from '../accounts/types.js'
import { appId } from './apps.js'
import { apiCommand, group, readUntil, type Shared, withApi } from './command.js'
import { badUsage } from './exit.js'
import { type Column, moment, show, showJson, tell } from './output.js'
import type { Terminal } from './terminal.js'

interface Key {
  id: string
  app: { name: string }
  name: string
  hint: string
  scopes: string[]
  expiresAt: string | null
  revokedAt: string | null
  lastUsedAt: string | null
  requestsPerMinute: number | null
}

const COLUMNS: Column<Key>[] = [
  { title: 'ID', cell: ({ id }) => id, whole: true },
  { title: 'APP', cell: ({ app }) => app.name },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'KEY', cell: ({ hint }) => `…${hint}` },
  { title: 'SCOPES', cell: ({ scopes }) => scopes.join(' ') },
  { title: 'LAST USED', cell: ({ lastUsedAt }) => moment(lastUsedAt) ?? 'never' },
  { title: 'EXPIRES', cell: ({ expiresAt }) => moment(expiresAt) ?? 'never' },
  { title: 'A MINUTE', cell: ({ requestsPerMinute }) => requestsPerMinute },
  { title: 'REVOKED', cell: ({ revokedAt }) => moment(revokedAt) },
]

type Create = Shared & { app: string; scope: string[]; expires?: string; rate?: string }

export const keys = (terminal: Terminal): Command =>
  group('keys', 'API keys of apps and scripts', [
    apiCommand('list', 'list API keys, revoked ones too', 'rollcall keys list --app Shop')
      .option('--app <name or id>')
      .action(
        withApi(terminal, async (api, options: Shared & { app?: string }) => {
          const app = options.app === undefined ? undefined : await appId(api, options.app)
          show(
            terminal,
            options,
            await api.ask<{ items: Key[] }>('GET', '/keys', { query: { app } }),
            COLUMNS,
            'There is no key.',
          )
        }),
      ),
    apiCommand(
      'create <name>',
      'make a key; it is printed this once',
      'rollcall keys create web --app Shop --scope sessions:verify sessions:write',
    )
      .requiredOption('--app <name or id>')
      .addOption(new Option('--scope <scopes...>').choices(SCOPES).makeOptionMandatory())
      .option('--expires <time>', '7d, 90d or a time in RFC 3339')
      .option('--rate <number>', 'requests a minute, beside checks; 0: any number (else as the server says)')
      .action(
        withApi(terminal, async (api, options: Create, name) => {
          const expiresAt = readUntil(options.expires)
          const body = {
            app: await appId(api, options.app),
            name,
            scopes: options.scope,
            ...(expiresAt ? { expiresAt } : {}),
            ...(options.rate === undefined ? {} : { requestsPerMinute: readRate(options.rate) }),
          }
          const made = await api.ask<{ key: Key; secret: string }>('POST', '/keys', { body })
          if (options.json) return showJson(terminal, made)
          // Alone on standard output, so that it can go into a file or a secret store.
          terminal.err(`${made.key.name} of ${made.key.app.name}; the key is shown this once:\n`)
          terminal.out(`${made.secret}\n`)
        }),
      ),
    apiCommand('revoke <id>', 'revoke a key', 'rollcall keys revoke 0193d1c2-7a4b-7c1e-9f00-3b1a5c7d9e11').action(
      withApi(terminal, async (api, options, id = '') => {
        const key = await api.ask<Key>('DELETE', `/keys/${encodeURIComponent(id)}`)
        tell(terminal, options, key, `The key ${key.name} of ${key.app.name} is revoked.`)
      }),
    ),
  ])

function readRate(given: string): number {
  if (!/^\d{1,8}$/.test(given)) throw badUsage('--rate must be a whole number, such as 600.')
  return Number(given)
}
