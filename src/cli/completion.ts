import { Argument, type Command } from 'commander'
import { command } from './command.js'
import type { Terminal } from './terminal.js'

const SHELLS = { bash, zsh, fish }

/** What the shell offers after Tab: made from the commands themselves. */
export const completion = (terminal: Terminal, program: Command): Command =>
  command('completion', 'what a shell completes with Tab', 'source <(rollcall completion bash)')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => terminal.out(SHELLS[shell](wordsOf(program))))

/** By the commands typed so far: what may come next. */
type Words = [typed: string, next: string[]][]

function wordsOf(one: Command, path: string[] = []): Words {
  const next = [
    ...one.commands.map((below) => below.name()),
    ...one.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    ...one.options.map(({ long }) => long ?? '').filter(Boolean),
    '--help',
  ]
  return [
    [path.join(' '), next],
    ...one.commands.flatMap((below) => wordsOf(below as Command, [...path, below.name()])),
  ]
}

const cases = (words: Words) =>
  words.map(([typed, next]) => `    ${JSON.stringify(typed)}) next="${next.join(' ')}" ;;`).join('\n')

/** Arguments, options and what is given to them stand between and behind the names of commands. */
const commands = (words: Words, separator: string) =>
  words
    .map(([typed]) => JSON.stringify(typed))
    .filter((typed) => typed !== '""')
    .join(separator)

function bash(words: Words): string {
  return `_rollcall() {
  local typed="" next="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${typed:+$typed }$word" in ${commands(words, '|')}) typed="\${typed:+$typed }$word" ;; esac
  done
  case "$typed" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _rollcall rollcall
`
}

function zsh(words: Words): string {
  return `#compdef rollcall
_rollcall() {
  local typed="" next="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${typed:+$typed }$word" in ${commands(words, '|')}) typed="\${typed:+$typed }$word" ;; esac
  done
  case "$typed" in
${cases(words)}
  esac
  compadd -- \${=next}
}
compdef _rollcall rollcall
`
}

function fish(words: Words): string {
  const lines = words.map(
    ([typed, next]) => `complete -c rollcall -f -n "__rollcall_typed '${typed}'" -a '${next.join(' ')}'`,
  )
  return `function __rollcall_typed
  set -l typed
  for word in (commandline -opc)[2..]
    contains -- (string join ' ' -- $typed $word) ${commands(words, ' ')} && set -a typed $word
  end
  test "$typed" = "$argv"
end
${lines.join('\n')}
`
}
