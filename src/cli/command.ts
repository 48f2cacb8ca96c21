import { Command, Option } from 'commander'
import { type Api, connect, type Where } from './api.js'
import { badUsage } from './exit.js'
import type { Terminal } from './terminal.js'

export interface Shared extends Where {
  json?: boolean
  yes?: boolean
}

/** Whether somebody named a thing by its id, and not by its name. */
export const isId = (named: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(named)

/** A command of its own with an example below its help. */
export function command(signature: string, summary: string, example: string): Command {
  const [name, ...words] = signature.split(' ')
  const made = new Command(name).description(summary).addHelpText('after', `\nExample:\n  $ ${example}`)
  return words.length > 0 ? made.arguments(words.join(' ')) : made
}

/** The same for one that asks the running server. */
export function apiCommand(signature: string, summary: string, example: string): Command {
  return command(signature, summary, example)
    .option('--json', 'print what the API answers')
    .option('--url <url>', 'where Rollcall is (else ROLLCALL_URL)')
    .option('--key-file <path>', 'a file with the API key, - for standard input (else ROLLCALL_KEY)')
}

export const group = (name: string, summary: string, commands: Command[]): Command => {
  const made = new Command(name).description(summary)
  for (const one of commands) made.addCommand(one)
  return made
}

/** `act` with the server's API, and the options as they were given. */
export function withApi<O extends Shared>(
  terminal: Terminal,
  act: (api: Api, options: O, ...words: string[]) => Promise<void>,
) {
  return async function (this: Command) {
    const options = this.opts<O>()
    await act(await connect(terminal, options), options, ...(this.processedArgs as string[]))
  }
}

export const yes = () => new Option('--yes', 'do it without asking')
export const reason = () => new Option('--reason <text>', 'why, for the audit log').makeOptionMandatory()

/** Up to what the API gives in one page. */
export const paging = (made: Command) =>
  made.option('--limit <number>', 'how many', '50').option('--after <cursor>', 'go on where the list before ended')

/** 30m, 8h, 7d from now, or a time in RFC 3339. */
export function readUntil(given: string | undefined, option = '--until'): string | undefined {
  if (given === undefined) return undefined
  const span = /^(\d{1,5})([mhd])$/.exec(given)
  if (span) return new Date(Date.now() + Number(span[1]) * UNIT_MS[span[2] as keyof typeof UNIT_MS]).toISOString()
  if (Number.isNaN(Date.parse(given)))
    throw badUsage(`${option} must be a time such as 8h, 7d or 2026-12-24T12:00:00Z.`)
  return new Date(given).toISOString()
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 }
