import { setTimeout as wait } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { apiCommand, group, type Shared, withApi } from './command.js'
import { EXIT } from './exit.js'
import { onServer } from './onServer.js'
import { type Column, moment, printable, showJson, table } from './output.js'
import type { Terminal } from './terminal.js'

interface Event {
  id: string
  at: string
  action: string
  result: string
  actor: { name: string }
  target: { name: string } | null
  ip: string | null
  reason: string | null
}

const COLUMNS: Column<Event>[] = [
  { title: 'AT', cell: ({ at }) => `${moment(at)}${at.slice(16, 19)}` },
  { title: 'ACTION', cell: ({ action }) => action },
  { title: 'RESULT', cell: ({ result }) => result },
  { title: 'BY', cell: ({ actor }) => actor.name },
  { title: 'ON', cell: ({ target }) => target?.name },
  { title: 'FROM', cell: ({ ip }) => ip },
  { title: 'REASON', cell: ({ reason }) => reason },
]

const FOLLOW_MS = 2_000
/** The API gives no more at once. */
const MOST = '200'

export const audit = (terminal: Terminal, finish: (code: number) => void): Command =>
  group('audit', 'who did what to whom', [
    apiCommand(
      'tail',
      'the latest events, oldest of them first; with --json each is a line',
      'rollcall audit tail --follow --action session',
    )
      .option('--limit <number>', 'how many', '20')
      .option('--action <action>', 'an action, or a group of them: session')
      .option('-f, --follow', 'go on with what happens, until it is stopped')
      .action(
        withApi(terminal, async (api, { json, limit, action, follow }: TailOptions) => {
          const latest = async (limit: string) =>
            (await api.ask<{ items: Event[] }>('GET', '/audit', { query: { action, limit } })).items
          // What lies further back than what is shown now is no news later.
          const before = follow ? await latest(MOST) : []
          const shown = await latest(limit)
          show(terminal, shown.toReversed(), { json, asTable: true })
          for (let known = new Set([...before, ...shown].map(({ id }) => id)); follow; ) {
            await wait(FOLLOW_MS)
            const items = await latest(MOST)
            show(terminal, items.filter(({ id }) => !known.has(id)).toReversed(), { json })
            known = new Set(items.map(({ id }) => id))
          }
        }),
      ),
    apiCommand('export', 'the log as a file, on standard output', 'rollcall audit export --format csv > audit.csv')
      .addOption(new Option('--format <format>').choices(['jsonl', 'csv', 'ocsf']).default('jsonl'))
      .option('--since <time>', 'at or after, in RFC 3339')
      .option('--until <time>', 'before')
      .option('--action <action>')
      .action(
        withApi(terminal, async (api, { format, since, until, action }: ExportOptions) => {
          const text = new TextDecoder()
          for await (const piece of await api.open('/audit/export', { format, since, until, action }))
            terminal.out(text.decode(piece, { stream: true }))
        }),
      ),
    apiCommand(
      'verify',
      'read the chain of hashes over the log, and say what is not as it was sealed',
      'rollcall audit verify --head 51.42a1...97ec',
    )
      .option('--head <head>', 'one that was noted earlier: the chain must still hold it')
      .option('--local', 'on the server’s own database (DATABASE_URL or ROLLCALL_DATA_DIR), without a running server')
      .action(async function (this: Command) {
        const { local, head, json } = this.opts<VerifyOptions>()
        if (local)
          return finish(
            await onServer('verifyAudit', [
              ...(head === undefined ? [] : ['--head', head]),
              ...(json ? ['--json'] : []),
            ]),
          )
        await withApi(terminal, async (api, options: VerifyOptions) => {
          const report = await api.ask<Chain>('GET', '/audit/verify', { query: { head } })
          if (options.json) showJson(terminal, report)
          else terminal.out(inWords(report))
          if (!report.intact || report.noted === 'differs') finish(EXIT.refused)
        }).call(this)
      }),
  ])

/** What goes on later has no width to keep to. */
function show(terminal: Terminal, events: Event[], { json, asTable }: { json?: boolean | undefined; asTable?: true }) {
  if (!json && asTable) return terminal.out(table(terminal, COLUMNS, events))
  for (const event of events)
    terminal.out(
      json
        ? `${JSON.stringify(event)}\n`
        : `${COLUMNS.map(({ cell }) => printable(String(cell(event) ?? '-'))).join('  ')}\n`,
    )
}

type TailOptions = Shared & { limit: string; action?: string; follow?: boolean }
type ExportOptions = Shared & { format: string; since?: string; until?: string; action?: string }
type VerifyOptions = Shared & { head?: string; local?: boolean }

interface Chain {
  intact: boolean
  events: number
  from: number
  to: number
  head: string | null
  problemCount: number
  noted?: string
}

const inWords = ({ intact, events, from, to, head, problemCount, noted }: Chain) =>
  [
    `${events} events under seals ${from} to ${to} were verified.`,
    intact ? 'Nothing was changed, removed, put in or moved.' : `${problemCount} are not as sealed: see --json.`,
    ...(noted === undefined ? [] : [`The head that was noted: ${noted}.`]),
    ...(head ? [`Head: ${head}`] : []),
    '',
  ].join('\n')
