import { KEYED_AT } from './token.js'

const CHARACTERS = 44
/** Words of the text, then one with its length. */
const WORDS = CHARACTERS / 4 + 1
const words = new Int32Array(WORDS).fill(CHARACTERS << 24)
/** Two a word, then four for each half of the result. */
const ROUNDS = 2 * WORDS + 8

/**
 * HalfSipHash-2-4 of 44 characters, 64 bits: a keyed hash for tables that strangers ask about, at a third of what SHA-256
 * costs. Without the key nobody can tell which texts have the same, and no answer shows it.
 *
 * @param from where in the text they begin
 * @param key 2 random words, of this process alone
 * @param into takes 2 words, from `KEYED_AT` on
 * @returns false for what is not ASCII: such a text may look like another one from here
 * @see Aumasson and Bernstein, "SipHash: a fast short-input PRF"; `tests/unit/follower/token.test.ts` has the authors' vector
 */
export function hashKeyedInto(text: string, from: number, key: Int32Array, into: Int32Array): boolean {
  let seen = 0
  for (let i = 0, at = from; i < WORDS - 1; i++, at += 4) {
    const a = text.charCodeAt(at)
    const b = text.charCodeAt(at + 1)
    const c = text.charCodeAt(at + 2)
    const d = text.charCodeAt(at + 3)
    seen |= a | b | c | d
    words[i] = a | (b << 8) | (c << 16) | (d << 24)
  }
  const k0 = key[0] as number
  const k1 = key[1] as number
  let v0 = k0
  let v1 = k1 ^ 0xee
  let v2 = 0x6c796765 ^ k0
  let v3 = 0x74656462 ^ k1
  let word = 0
  for (let round = 0; round < ROUNDS; round++) {
    if ((round & 1) === 0) {
      v0 ^= word
      word = round < 2 * WORDS ? (words[round >> 1] as number) : 0
      v3 ^= word
      if (round === 2 * WORDS) v2 ^= 0xee
      else if (round === 2 * WORDS + 4) {
        into[KEYED_AT] = v1 ^ v3
        v1 ^= 0xdd
      }
    }
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  into[KEYED_AT + 1] = v1 ^ v3
  return seen < 128
}
