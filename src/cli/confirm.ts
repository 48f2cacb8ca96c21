import { refused } from './exit.js'
import { printable } from './output.js'
import type { Terminal } from './terminal.js'

/**
 * Asks for a number or a name to be typed before many are signed out. A script says --yes.
 *
 * @throws CommandFailed where nobody can be asked, or something else was typed
 */
export async function confirmMass(terminal: Terminal, { yes }: { yes?: boolean }, what: string, word: string) {
  if (yes) return
  if (!terminal.isInteractive)
    throw refused(`${printable(what)}. Nobody is here to confirm that: add --yes to do it. Nothing was changed.`)
  const typed = await terminal.ask(`${printable(what)}. Type ${printable(word)} to go on: `)
  if (typed.trim() !== word) throw refused('That was not it. Nothing was changed.')
}
