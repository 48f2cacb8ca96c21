import { type Command, Option } from 'commander'
import { SCOPES } from '../accounts/types.js'
import { appId } from './apps.js'
import { apiCommand, group, readUntil, type Shared, withApi } from './command.js'
import { badUsage } from './exit.js'
import { type Column, moment, printable, show, showJson, tell } from './output.js'
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
type Change = Shared & { name?: string; rate?: string }
type Replace = Shared & { oldUntil: string; rate?: string }

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
      .addOption(rate())
      .action(
        withApi(terminal, async (api, options: Create, name) => {
          const expiresAt = readUntil(options.expires, '--expires')
          const body = {
            app: await appId(api, options.app),
            name,
            scopes: options.scope,
            ...(expiresAt ? { expiresAt } : {}),
            requestsPerMinute: readRate(options.rate),
          }
          showMade(terminal, options, await api.ask<Made>('POST', '/keys', { body }))
        }),
      ),
    apiCommand(
      'change <id>',
      'change a key’s name, or how often it may ask; it holds at once',
      'rollcall keys change 0193d1c2-7a4b-7c1e-9f00-3b1a5c7d9e11 --rate 600',
    )
      .option('--name <name>')
      .addOption(rate())
      .action(
        withApi(terminal, async (api, options: Change, id = '') => {
          const body = { name: options.name, requestsPerMinute: readRate(options.rate) }
          if (body.name === undefined && body.requestsPerMinute === undefined)
            throw badUsage('Say what to change: --name or --rate. Nothing was changed.')
          const key = await api.ask<Key>('PATCH', `/keys/${encodeURIComponent(id)}`, { body })
          tell(terminal, options, key, `The key ${key.name} of ${key.app.name} is changed.`)
        }),
      ),
    apiCommand(
      'replace <id>',
      'make a key in the place of one, which goes on for a while; it is printed this once',
      'rollcall keys replace 0193d1c2-7a4b-7c1e-9f00-3b1a5c7d9e11 --old-until 30d',
    )
      .addOption(
        new Option(
          '--old-until <time>',
          'when the old one stops: 1d, 30d, a time in RFC 3339, now, or revoked: when somebody revokes it',
        ).default('7d'),
      )
      .addOption(rate())
      .action(
        withApi(terminal, async (api, options: Replace, id = '') => {
          const body = { oldUntil: readOldUntil(options.oldUntil), requestsPerMinute: readRate(options.rate) }
          const path = `/keys/${encodeURIComponent(id)}/replace`
          showMade(terminal, options, await api.ask<Made>('POST', path, { body }))
        }),
      ),
    apiCommand('revoke <id>', 'revoke a key', 'rollcall keys revoke 0193d1c2-7a4b-7c1e-9f00-3b1a5c7d9e11').action(
      withApi(terminal, async (api, options, id = '') => {
        const key = await api.ask<Key>('DELETE', `/keys/${encodeURIComponent(id)}`)
        tell(terminal, options, key, `The key ${key.name} of ${key.app.name} is revoked.`)
      }),
    ),
  ])

interface Made {
  key: Key
  secret: string
}

/** The secret alone on standard output, so that it can go into a file or a secret store. */
function showMade(terminal: Terminal, { json }: Shared, made: Made) {
  if (json) return showJson(terminal, made)
  terminal.err(`${printable(`${made.key.name} of ${made.key.app.name}`)}; the key is shown this once:\n`)
  terminal.out(`${made.secret}\n`)
}

const rate = () =>
  new Option('--rate <number>', 'requests a minute, beside checks; 0: any number; server: as the server says')

/** As the API takes it: null is the server's own limit, undefined where none was given. */
function readRate(given: string | undefined): number | null | undefined {
  if (given === undefined) return undefined
  if (given === 'server') return null
  if (!/^\d{1,8}$/.test(given)) throw badUsage('--rate must be a whole number, such as 600, or server.')
  return Number(given)
}

function readOldUntil(given: string): string | null | undefined {
  if (given === 'now') return given
  return given === 'revoked' ? null : readUntil(given, '--old-until')
}
