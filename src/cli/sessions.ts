import { type Command, Option } from 'commander'
import type { z } from 'zod'
import type { SessionOut, SessionPage } from '../api/routes/sessionOut.js'
import { accountId } from './accounts.js'
import type { Api } from './api.js'
import { appId } from './apps.js'
import { apiCommand, group, paging, reason, type Shared, withApi, yes } from './command.js'
import { confirmMass } from './confirm.js'
import { badUsage } from './exit.js'
import { type Column, moment, show, showJson, table, tell } from './output.js'
import type { Terminal } from './terminal.js'

type Session = z.infer<typeof SessionOut>
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i

const NAMES = ['account', 'app', 'q', 'ip', 'country', 'browser', 'version', 'os', 'device', 'method', 'since'] as const
type Filter = Partial<Record<(typeof NAMES)[number], string>> & { unseenDays?: string }

const filters = (made: Command) =>
  made
    .option('--account <email or id>')
    .option('--app <name or id>')
    .option('--q <text>', 'part of a name, an e-mail address, an address')
    .option('--ip <address or network>')
    .option('--country <code>', 'two letters, such as DE')
    .option('--browser <name>')
    .option('--version <number>', 'of the browser')
    .option('--os <name>')
    .option('--device <type>')
    .option('--method <word>', 'how they signed in')
    .option('--since <time>', 'signed in at or after, in RFC 3339')
    .option('--unseen-days <number>', 'not used for so many days')

const COLUMNS: Column<Session>[] = [
  { title: 'ID', cell: ({ id }) => id, whole: true },
  { title: 'ACCOUNT', cell: ({ account }) => account.email ?? account.name },
  { title: 'APP', cell: ({ app }) => app.name },
  { title: 'LAST SEEN', cell: ({ lastSeenAt }) => moment(lastSeenAt) },
  { title: 'ADDRESS', cell: ({ lastIp }) => lastIp },
  { title: 'DEVICE', cell: ({ device }) => [device.browser, device.os].filter(Boolean).join(' on ') },
  { title: 'PLACE', cell: ({ lastPlace }) => [lastPlace.city, lastPlace.country].filter(Boolean).join(', ') },
  { title: 'SIGNED IN', cell: ({ createdAt }) => moment(createdAt) },
  { title: 'STATE', cell: ({ state }) => state },
]

export const sessions = (terminal: Terminal): Command =>
  group('sessions', 'who is signed in', [
    paging(filters(apiCommand('list', 'list sessions', 'rollcall sessions list --country DE --sort seen')))
      .addOption(new Option('--state <state>').choices(['live', 'ended', 'all']).default('live'))
      .addOption(new Option('--sort <order>').choices(['newest', 'oldest', 'seen', 'unseen']).default('newest'))
      .action(withApi(terminal, (api, options: ListOptions) => list(terminal, api, options))),
    apiCommand('show <id>', 'one session', 'rollcall sessions show 0193d1c2-7a4b-7c1e-9f00-3b1a5c7d9e11').action(
      withApi(terminal, async (api, options, id) => {
        const session = await api.ask<Session>('GET', `/sessions/${encodeURIComponent(id ?? '')}`)
        if (options.json) return showJson(terminal, session)
        terminal.out(table(terminal, FIELDS, fieldsOf(session)))
      }),
    ),
    filters(
      apiCommand(
        'revoke [id]',
        'sign out one session, or all that match',
        'rollcall sessions revoke --ip 203.0.113.0/24 --reason "stolen laptops"',
      ),
    )
      .addOption(reason())
      .addOption(yes())
      .action(
        withApi(terminal, (api, options: RevokeOptions, id) =>
          id === undefined ? revokeMany(terminal, api, options) : revokeOne(terminal, api, options, id),
        ),
      ),
  ])

type ListOptions = Shared & Filter & { state: string; sort: string; limit: string; after?: string }
type RevokeOptions = Shared & Filter & { reason: string }

async function list(terminal: Terminal, api: Api, options: ListOptions) {
  const { state, sort, limit, after } = options
  const query = { ...(await filterOf(api, options)), state, sort, limit, ...(after ? { after } : {}) }
  const page = await api.ask<z.infer<typeof SessionPage>>('GET', '/sessions', { query })
  show(terminal, options, page, COLUMNS, 'Nobody is signed in that matches.')
  if (page.notice) terminal.err(`${page.notice}\n`)
}

async function filterOf(api: Api, options: Filter): Promise<Record<string, string | number>> {
  const filter: Record<string, string | number> = {}
  for (const name of NAMES) if (options[name] !== undefined) filter[name] = options[name]
  if (options.account !== undefined) filter['account'] = await accountId(api, options.account)
  if (options.app !== undefined) filter['app'] = await appId(api, options.app)
  if (options.unseenDays !== undefined) filter['unseenDays'] = Number(options.unseenDays)
  return filter
}

async function revokeOne(terminal: Terminal, api: Api, options: RevokeOptions, id: string) {
  if (Object.keys(options).some((name) => name === 'unseenDays' || (NAMES as readonly string[]).includes(name)))
    throw badUsage('Give an id, or a filter, not both. Nothing was changed.')
  if (!ID.test(id))
    throw badUsage('The id of a session is a UUID, as `rollcall sessions list` shows it. Nothing was changed.')
  const session = await api.ask<Session>('DELETE', `/sessions/${id}`, { query: { reason: options.reason } })
  tell(
    terminal,
    options,
    session,
    `${session.account.name} is signed out of ${session.app.name} (${session.end?.reason ?? 'ended'}).`,
  )
}

async function revokeMany(terminal: Terminal, api: Api, options: RevokeOptions) {
  const filter = await filterOf(api, options)
  if (Object.keys(filter).length === 0)
    throw badUsage('Say which: an id, or a filter such as --ip or --account. Everyone is `rollcall kill --everyone`.')
  const body = { filter, reason: options.reason }
  const { count } = await api.ask<{ count: number }>('POST', '/sessions/revoke', { body: { ...body, dryRun: true } })
  if (count === 0) return tell(terminal, options, { count }, 'No live session matches. Nothing was changed.')
  await confirmMass(terminal, options, `This signs out ${count} ${count === 1 ? 'session' : 'sessions'}`, String(count))
  const revoked = await api.ask<object>('POST', '/sessions/revoke', { body: { ...body, expected: count } })
  tell(terminal, options, revoked, `${count} ${count === 1 ? 'session is' : 'sessions are'} signed out.`)
}

const FIELDS: Column<[string, string]>[] = [
  { title: 'FIELD', cell: ([name]) => name },
  { title: 'VALUE', cell: ([, value]) => value },
]

const fieldsOf = (session: Session): [string, string][] => [
  ...COLUMNS.map(({ title, cell }): [string, string] => [title, String(cell(session) ?? '')]),
  ['EXPIRES', moment(session.expiresAt) ?? ''],
  ['SIGNED IN FROM', session.ip ?? ''],
  ['METHOD', session.method],
  ['REQUESTS', String(session.requests)],
  ['USER AGENT', session.userAgent],
  ...(session.end
    ? [['ENDED', `${moment(session.end.at)} ${session.end.reason} ${session.end.note ?? ''}`] as [string, string]]
    : []),
]
