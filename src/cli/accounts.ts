import { type Command, Option } from 'commander'
import type { z } from 'zod'
import { ROLES, type Role } from '../accounts/types.js'
import type { AccountOut, AccountPage, BlockOut, Invitation } from '../api/routes/accountSchemas.js'
import type { Api } from './api.js'
import { apiCommand, group, isId, paging, readUntil, reason, type Shared, withApi } from './command.js'
import { refused } from './exit.js'
import { type Column, moment, show, tell } from './output.js'
import type { Terminal } from './terminal.js'

type Account = z.infer<typeof AccountOut>

const COLUMNS: Column<Account>[] = [
  { title: 'ID', cell: ({ id }) => id, whole: true },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'E-MAIL', cell: ({ email }) => email },
  { title: 'ROLE', cell: ({ role }) => role },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'BLOCKED UNTIL', cell: ({ block }) => block && (moment(block.until) ?? 'it is lifted') },
  { title: 'SINCE', cell: ({ createdAt }) => moment(createdAt) },
]

export const accounts = (terminal: Terminal): Command =>
  group('accounts', 'who may sign in', [
    paging(apiCommand('list', 'list accounts', 'rollcall accounts list --status blocked'))
      .option('--q <text>', 'part of a name or an e-mail address')
      .option('--role <role>')
      .addOption(new Option('--status <status>').choices(['active', 'invited', 'blocked']))
      .action(
        withApi(terminal, async (api, options: ListOptions) => {
          const { q, role, status, limit, after } = options
          const page = await api.ask<z.infer<typeof AccountPage>>('GET', '/accounts', {
            query: { q, role, status, limit, after },
          })
          show(terminal, options, page, COLUMNS, 'No account matches.')
        }),
      ),
    apiCommand(
      'invite <email>',
      'make an account and the one-time link with which the person chooses a password',
      'rollcall accounts invite ada@example.com --name "Ada Byrne" --role viewer',
    )
      .requiredOption('--name <name>', 'as it stands in the lists')
      .addOption(new Option('--role <role>').choices(ROLES).default('person'))
      .action(
        withApi(terminal, async (api, { name, role, ...options }: InviteOptions, email = '') => {
          const body = { email, name, role }
          const invited = await api.ask<z.infer<typeof Invitation>>('POST', '/accounts/invite', { body })
          const { account, link, expiresAt, warning } = invited
          const said = `${account.name} is invited. The link works once, until ${moment(expiresAt)}; it is not shown again: ${link}`
          tell(terminal, options, invited, warning ? `${said} ${warning}` : said)
        }),
      ),
    apiCommand(
      'block <account>',
      'refuse an account (e-mail address or id) and sign it out everywhere',
      'rollcall accounts block ada@example.com --reason "laptop stolen" --until 8h',
    )
      .addOption(reason())
      .option('--until <time>', '30m, 8h, 7d or a time in RFC 3339; without it until it is lifted')
      .option('--message <text>', 'for the person, when they sign in')
      .action(
        withApi(terminal, async (api, options: BlockOptions, named = '') => {
          const until = readUntil(options.until)
          const id = await accountId(api, named)
          const { reason, message } = options
          const body = { reason, ...(until ? { until } : {}), ...(message ? { message } : {}) }
          const block = await api.ask<z.infer<typeof BlockOut>>('PUT', `/accounts/${id}/block`, { body })
          tell(
            terminal,
            options,
            block,
            `${block.account?.name ?? named} is blocked; ${block.ended} of its sessions ended.`,
          )
        }),
      ),
    apiCommand('unblock <account>', 'lift the block of an account', 'rollcall accounts unblock ada@example.com')
      .option('--reason <text>', 'why, for the audit log')
      .action(
        withApi(terminal, async (api, options: Shared & { reason?: string }, named = '') => {
          const id = await accountId(api, named)
          const answer = await api.ask('DELETE', `/accounts/${id}/block`, { query: { reason: options.reason } })
          tell(
            terminal,
            options,
            answer,
            `${named} is not blocked any more. What ended stays ended: they sign in again.`,
          )
        }),
      ),
  ])

type ListOptions = Shared & { q?: string; role?: string; status?: string; limit: string; after?: string }
type InviteOptions = Shared & { name: string; role: Role }
type BlockOptions = Shared & { reason: string; until?: string; message?: string }

/** Of one that is named by its id or its whole e-mail address. @throws CommandFailed where there is none */
export async function accountId(api: Api, named: string): Promise<string> {
  if (isId(named)) return named
  const page = await api.ask<z.infer<typeof AccountPage>>('GET', '/accounts', { query: { q: named, limit: 200 } })
  const found = page.items.filter(({ email }) => email?.toLowerCase() === named.toLowerCase())
  if (found.length === 1 && found[0]) return found[0].id
  throw refused(
    `There is no account with the e-mail address ${named}. Look for it with: rollcall accounts list --q ...`,
  )
}
