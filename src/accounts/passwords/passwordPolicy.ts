import { createRequire } from 'node:module'
import type { ZxcvbnFactory } from '@zxcvbn-ts/core'

const SHORTEST_PASSWORD = 12
const LONGEST_PASSWORD = 256

/** Of zxcvbn's 0 to 4: from 3 on, more than a hundred million guesses. */
const ENOUGH = 3

/** Letters and digits, beside the name, the address and the like. A year is not enough. */
const FEWEST_OWN_CHARACTERS = 6

/** The estimate's work grows with the square of the length and more; a password that is good this far is good. */
const ESTIMATED_CHARACTERS = 64

/** For who would keep the one that is to be changed. */
export const SAME_PASSWORD = 'The new password is the present one. Choose another.'

export type PasswordCheck = { ok: true } | { ok: false; problem: string }

/**
 * Whether a new password will do: 12 to 256 characters, any of them, and not among the first that somebody would try.
 * No rules about kinds of characters.
 *
 * @param context what an attacker knows of the person: e-mail address, name
 * @returns what is wrong and what to do, in words for the person
 * @see OWASP ASVS 5.0 6.2, NIST SP 800-63B-4 3.1.1.2
 */
export function checkPassword(password: string, context: readonly (string | null | undefined)[] = []): PasswordCheck {
  const characters = [...password.normalize('NFC')]
  if (characters.length < SHORTEST_PASSWORD) {
    return bad(
      `The password has ${count(characters.length)}; it needs at least ${SHORTEST_PASSWORD}. Several words in a row are easy to remember.`,
    )
  }
  if (characters.length > LONGEST_PASSWORD) {
    return bad(
      `The password has ${count(characters.length)}; at most ${LONGEST_PASSWORD} are possible. Use a shorter one.`,
    )
  }
  const words = contextWords(context)
  const { score, feedback, sequence } = estimator().check(characters.slice(0, ESTIMATED_CHARACTERS).join(''), words)
  const onlyPersonal = ownCharacters(password, words) < FEWEST_OWN_CHARACTERS
  if (score >= ENOUGH && !onlyPersonal) return { ok: true }
  const personal = onlyPersonal || sequence.some((match) => match['dictionaryName'] === 'userInputs')
  const why = personal
    ? 'The password is made of your name, your address or the name of this site.'
    : (feedback.warning ?? 'The password is easy to guess.')
  return bad(`${why} Choose another: three or four unrelated words, or what a password manager makes.`)
}

const bad = (problem: string): PasswordCheck => ({ ok: false, problem })
const count = (characters: number) => (characters === 1 ? 'one character' : `${characters} characters`)

/** The whole and the parts: `ada.byrne@example.com` is "ada", "byrne" and "example" too. */
function contextWords(context: readonly (string | null | undefined)[]): string[] {
  const whole = context.filter((text): text is string => typeof text === 'string' && text !== '')
  const parts = whole.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length > 2)
  return ['rollcall', ...whole, ...parts].map((word) => word.toLowerCase())
}

/** What remains once what everybody knows of the person is taken out; zxcvbn rates several such words in a row as good. */
function ownCharacters(password: string, words: string[]): number {
  const longestFirst = words.filter((word) => word.length > 2).sort((a, b) => b.length - a.length)
  const rest = longestFirst.reduce((text, word) => text.replaceAll(word, ''), password.toLowerCase())
  return rest.length === password.length ? Number.POSITIVE_INFINITY : [...rest.replaceAll(/[^\p{L}\p{N}]/gu, '')].length
}

let loaded: ZxcvbnFactory | undefined

/** Its dictionaries are 65 MB of memory and 150 ms: loaded when somebody first chooses a password, not at the start. */
function estimator(): ZxcvbnFactory {
  if (loaded) return loaded
  const require = createRequire(import.meta.url)
  const { ZxcvbnFactory: Factory }: typeof import('@zxcvbn-ts/core') = require('@zxcvbn-ts/core')
  const common: typeof import('@zxcvbn-ts/language-common') = require('@zxcvbn-ts/language-common')
  const english: typeof import('@zxcvbn-ts/language-en') = require('@zxcvbn-ts/language-en')
  loaded = new Factory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
    maxLength: ESTIMATED_CHARACTERS,
  })
  return loaded
}
