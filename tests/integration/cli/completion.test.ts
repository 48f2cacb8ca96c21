import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/server.js'
import { rollcall } from './aTerminal.js'

/** What each shell does at Tab, as far as a program can ask it: the last of the words is what is being typed. */
const SHELLS: Record<string, (script: string, words: string[]) => string[]> = {
  bash: (script, words) => [
    '--norc',
    '-c',
    `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=${words.length - 1}; _rollcall; printf '%s\\n' "\${COMPREPLY[@]}"`,
    script,
    ...words,
  ],
  zsh: (script, words) => [
    '-f',
    '-c',
    // Outside of its editor zsh says what it was given; of it, it keeps what begins as typed.
    `compdef() {}; compadd() { print -rl -- \${(M)@[2,-1]:#$words[CURRENT]*} }
    source "$0"; words=("$@"); CURRENT=${words.length}; _rollcall`,
    script,
    ...words,
  ],
  fish: (script, words) => ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, words.join(' ')],
}

describe.each(Object.entries(SHELLS))('Tab in %s', (shell, asked) => {
  async function complete(typed: string): Promise<string[]> {
    const script = join(temporaryFolder(), 'completion')
    writeFileSync(script, (await rollcall({}, ['completion', shell])).out)
    const said = execFileSync(shell, asked(script, typed.split(' ')), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return said.split('\n').filter(Boolean).sort()
  }

  it.each([
    ['a command', 'rollcall acc', ['accounts']],
    ['what it can do', 'rollcall networks ', ['--help', 'block', 'lift', 'list']],
    ['a choice', 'rollcall completion ba', ['bash']],
    ['an option of the whole', 'rollcall --ver', ['--version']],
    ['an option behind what it is about', 'rollcall accounts block ada@x.example --rea', ['--reason']],
    ['one behind another one’s value', 'rollcall accounts block --reason left --un', ['--until']],
    ['a command behind an option', 'rollcall --json networks li', ['lift', 'list']],
  ])('offers %s', async (_, typed, offered) => {
    expect(await complete(typed)).toEqual(offered)
  })
})
