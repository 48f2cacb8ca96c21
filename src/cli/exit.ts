import { InWords } from '../inWords.js'

/** What a script may branch on. Stable. */
export const EXIT = {
  done: 0,
  /** Rollcall refused it, a check found something, or the person at the terminal said no. */
  refused: 1,
  usage: 2,
  unreachable: 3,
  /** The key is not valid, or may not do that. */
  notAllowed: 4,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The command can't be done as it was given: the message says what to do, and needs no stack. */
export class CommandFailed extends InWords {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message)
  }
}

export const badUsage = (message: string) => new CommandFailed(EXIT.usage, message)
export const refused = (message: string) => new CommandFailed(EXIT.refused, message)
