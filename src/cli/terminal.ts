import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'

/** All that a command sees of the world around it. */
export interface Terminal {
  env: Record<string, string | undefined>
  /** undefined: not a terminal, so nothing is cut to fit. */
  columns: number | undefined
  /** Somebody is there to answer. */
  isInteractive: boolean
  colour: boolean
  out(text: string): void
  err(text: string): void
  ask(question: string): Promise<string>
  stdin(): Promise<string>
}

/** The terminal that the process was started in. */
export function ownTerminal(): Terminal {
  const { env, stdin, stdout, stderr } = process
  return {
    env,
    columns: stdout.isTTY ? stdout.columns : undefined,
    isInteractive: Boolean(stdin.isTTY && stderr.isTTY),
    // https://no-color.org: present and not empty.
    colour: Boolean(stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb'),
    out: (words) => void stdout.write(words),
    err: (words) => void stderr.write(words),
    stdin: () => text(stdin),
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stderr })
      try {
        return await lines.question(question)
      } finally {
        lines.close()
      }
    },
  }
}
