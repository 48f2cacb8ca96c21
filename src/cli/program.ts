import { type Command, CommanderError } from 'commander'
import { VERSION } from '../version.js'
import { accounts } from './accounts.js'
import { audit } from './audit.js'
import { command, group } from './command.js'
import { completion } from './completion.js'
import { doctor } from './doctor.js'
import { CommandFailed, EXIT } from './exit.js'
import { importing } from './import.js'
import { keys } from './keys.js'
import { kill } from './kill.js'
import { networks } from './networks.js'
import { onServer } from './onServer.js'
import { printable } from './output.js'
import { sessions } from './sessions.js'
import type { Terminal } from './terminal.js'

const ABOUT = `
Asks the Rollcall at ROLLCALL_URL with the API key in ROLLCALL_KEY (or --key-file). Exit codes:
  0 done   1 refused, or a check found something   2 wrong usage   3 no answer   4 the key may not do that`

/** @returns the exit code */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.done
  const program = build(terminal, (given) => {
    code = given
  })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    if (!(error instanceof CommandFailed)) throw error
    terminal.err(`${error.message.split('\n').map(printable).join('\n')}\n`)
    return error.exitCode
  }
  return code
}

function build(terminal: Terminal, finish: (code: number) => void): Command {
  const program = group('rollcall', 'See who is signed in; sign anyone out or block them, from a terminal.', [
    sessions(terminal),
    accounts(terminal),
    networks(terminal),
    kill(terminal),
    audit(terminal, finish),
    keys(terminal),
    importing(terminal, finish),
    doctor(terminal, finish),
    owner(finish),
  ])
  program.version(VERSION).addHelpText('after', ABOUT).addCommand(completion(terminal, program))
  for (const one of withBelow(program))
    one.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
  return program
}

const withBelow = (one: Command): Command[] => [one, ...one.commands.flatMap((below) => withBelow(below as Command))]

const owner = (finish: (code: number) => void): Command =>
  command(
    'owner',
    'the way back in, on the server itself: makes an account an owner',
    'rollcall owner --email ada@example.com',
  )
    .requiredOption('--email <address>')
    .option('--name <name>')
    .option('--lift-networks', 'lift all blocks of networks')
    .action(async ({ email, name, liftNetworks }: { email: string; name?: string; liftNetworks?: boolean }) => {
      const named = name === undefined ? [] : ['--name', name]
      finish(await onServer('owner', ['--email', email, ...named, ...(liftNetworks ? ['--lift-networks'] : [])]))
    })
