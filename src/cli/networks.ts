import { type Command, Option } from 'commander'
import type { z } from 'zod'
import type { BlockOut, BlockPage } from '../api/routes/accountSchemas.js'
import type { Api } from './api.js'
import { apiCommand, group, isId, paging, readUntil, reason, type Shared, withApi } from './command.js'
import { refused } from './exit.js'
import { type Column, moment, show, tell } from './output.js'
import type { Terminal } from './terminal.js'

type Block = z.infer<typeof BlockOut>

const COLUMNS: Column<Block>[] = [
  { title: 'ID', cell: ({ id }) => id, whole: true },
  { title: 'NETWORK', cell: ({ network }) => network },
  { title: 'UNTIL', cell: ({ until }) => moment(until) ?? 'it is lifted' },
  { title: 'SINCE', cell: ({ createdAt }) => moment(createdAt) },
  { title: 'BY', cell: ({ createdBy }) => createdBy },
  { title: 'REASON', cell: ({ reason }) => reason },
]

export const networks = (terminal: Terminal): Command =>
  group('networks', 'addresses and networks that are refused', [
    paging(apiCommand('list', 'list blocked networks', 'rollcall networks list'))
      .addOption(new Option('--state <state>').choices(['active', 'lifted', 'all']).default('active'))
      .action(
        withApi(terminal, async (api, options: Shared & { state: string; limit: string; after?: string }) => {
          const { state, limit, after } = options
          const query = { kind: 'network', state, limit, after }
          const page = await api.ask<z.infer<typeof BlockPage>>('GET', '/blocks', { query })
          show(terminal, options, page, COLUMNS, 'No network is blocked.')
        }),
      ),
    apiCommand(
      'block <network>',
      'refuse an address or a network',
      'rollcall networks block 203.0.113.0/24 --reason "password spraying" --until 1d',
    )
      .addOption(reason())
      .option('--until <time>', '30m, 8h, 7d or a time in RFC 3339; without it until it is lifted')
      .option('--end-sessions', 'end what is signed in from there for good')
      .action(
        withApi(terminal, async (api, options: BlockOptions, network = '') => {
          const until = readUntil(options.until)
          const { reason, endSessions } = options
          const body = { network, reason, ...(until ? { until } : {}), ...(endSessions ? { endSessions } : {}) }
          const block = await api.ask<Block>('POST', '/blocks', { body })
          tell(
            terminal,
            options,
            block,
            `${block.network} is blocked${block.until ? ` until ${moment(block.until)} UTC` : ''}.`,
          )
        }),
      ),
    apiCommand('lift <network>', 'lift a block', 'rollcall networks lift 203.0.113.0/24')
      .option('--reason <text>', 'why, for the audit log')
      .action(
        withApi(terminal, async (api, options: Shared & { reason?: string }, named = '') => {
          const id = isId(named) ? named : await blockOf(api, named)
          const block = await api.ask<Block>('DELETE', `/blocks/${id}`, { query: { reason: options.reason } })
          tell(terminal, options, block, `${block.network ?? named} is not blocked any more.`)
        }),
      ),
  ])

type BlockOptions = Shared & { reason: string; until?: string; endSessions?: boolean }

async function blockOf(api: Api, network: string): Promise<string> {
  for (let after: string | undefined; ; ) {
    const query = { kind: 'network', limit: 200, after }
    const page = await api.ask<z.infer<typeof BlockPage>>('GET', '/blocks', { query })
    const found = page.items.find(
      (block) => block.network === network || block.network?.replace(/\/(32|128)$/, '') === network,
    )
    if (found) return found.id
    if (!page.next) throw refused(`${network} is not blocked, as such. See: rollcall networks list`)
    after = page.next
  }
}
