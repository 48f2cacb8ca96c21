import { hashSecretInto, SECRET_CHARACTERS } from './sha256.js'

const PREFIX = 'rcs_'
const ID_CHARACTERS = 22
export const SECRET_AT = PREFIX.length + ID_CHARACTERS
const LENGTH = SECRET_AT + SECRET_CHARACTERS

/** A token read: the session's id in 4 words, the SHA-256 of its secret in 8, and in 2 its hash under a process's key. */
export const TOKEN_WORDS = 14
export const HASH_AT = 4
export const KEYED_AT = 12

/** What a base64url character stands for; -1 for any other. */
const SIX_BITS = new Int8Array(128).fill(-1)
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].entries()) {
  SIX_BITS[character.charCodeAt(0)] = value
}

/**
 * Reads a session token without allocating anything.
 *
 * @param into `TOKEN_WORDS` words
 * @returns false for anything but the one canonical spelling of a token (S-01)
 */
export function readToken(text: string, into: Int32Array): boolean {
  return readId(text, into) && readSecret(text, into)
}

/** The id alone. What it says of a text is nothing until the secret is read, or known. */
export function readId(text: string, into: Int32Array): boolean {
  if (text.length !== LENGTH || !text.startsWith(PREFIX)) return false
  let bits = 0
  let held = 0
  let word = 0
  let bytes = 0
  for (let i = PREFIX.length; i < SECRET_AT; i++) {
    const six = sixBits(text.charCodeAt(i))
    if (six < 0) return false
    bits = ((bits << 6) | six) & 0xfff
    held += 6
    if (held >= 8) {
      held -= 8
      word = (word << 8) | ((bits >>> held) & 0xff)
      bytes += 1
      if ((bytes & 3) === 0) into[(bytes >>> 2) - 1] = word
    }
  }
  // Spare bits would give one token several spellings: 22 characters hold 4 of them, 43 hold 2.
  return (bits & 0xf) === 0 && isUuid(into)
}

/** The secret of a text whose id was read. */
export function readSecret(text: string, into: Int32Array): boolean {
  for (let i = SECRET_AT; i < LENGTH; i++) if (sixBits(text.charCodeAt(i)) < 0) return false
  if ((sixBits(text.charCodeAt(LENGTH - 1)) & 0x3) !== 0) return false
  hashSecretInto(text, SECRET_AT, into, HASH_AT)
  return true
}

const sixBits = (code: number): number => (code < 128 ? (SIX_BITS[code] as number) : -1)

/** Version 1 to 8 and the variant of RFC 9562. */
function isUuid(words: Int32Array): boolean {
  const version = ((words[1] as number) >>> 12) & 0xf
  const variant = (words[2] as number) >>> 30
  return version >= 1 && version <= 8 && variant === 2
}

/** Compared in constant time. */
export function hashesMatch(given: Int32Array, stored: Int32Array, at: number): boolean {
  let difference = 0
  for (let i = 0; i < 8; i++) difference |= (given[HASH_AT + i] as number) ^ (stored[at + i] as number)
  return difference === 0
}

const HALVES = Array.from({ length: 2 ** 16 }, (_, half) => half.toString(16).padStart(4, '0'))
const half = (word: number): string => HALVES[word & 0xffff] as string

/** 4 words as the usual text of a UUID. */
export function uuidText(words: Int32Array, at: number): string {
  const a = words[at] as number
  const b = words[at + 1] as number
  const c = words[at + 2] as number
  const d = words[at + 3] as number
  return `${half(a >>> 16)}${half(a)}-${half(b >>> 16)}-${half(b)}-${half(c >>> 16)}-${half(c)}${half(d >>> 16)}${half(d)}`
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
export const isUuidText = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)

/** The other way round. @returns false for what is no UUID */
export function uuidWords(text: string, into: Int32Array, at: number): boolean {
  if (!UUID.test(text)) return false
  const digits = text.replaceAll('-', '')
  for (let i = 0; i < 4; i++) into[at + i] = Number.parseInt(digits.slice(i * 8, i * 8 + 8), 16) | 0
  return true
}

/** A SHA-256 as 8 words. */
export function hashWords(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int32Array.from({ length: 8 }, (_, i) => view.getInt32(i * 4))
}
