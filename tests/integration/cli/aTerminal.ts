import { run } from '../../../src/cli/program.js'
import type { Terminal } from '../../../src/cli/terminal.js'

export interface Ran {
  code: number
  out: string
  err: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by path in tests, as a script does
  json: any
}

/** A command as somebody types it, or a script runs it where nobody answers. */
export async function rollcall(
  env: Record<string, string>,
  args: string[],
  { answer, ...seen }: Partial<Pick<Terminal, 'columns' | 'colour'>> & { answer?: string; stdin?: string } = {},
): Promise<Ran> {
  let [out, err] = ['', '']
  const code = await run(args, {
    env,
    columns: undefined,
    colour: false,
    ...seen,
    isInteractive: answer !== undefined,
    out(text) {
      out += text
    },
    err(text) {
      err += text
    },
    stdin: async () => seen.stdin ?? '',
    async ask(question) {
      err += question
      return answer ?? ''
    },
  })
  return { code, out, err, json: args.includes('--json') && code < 2 ? JSON.parse(out || 'null') : undefined }
}
