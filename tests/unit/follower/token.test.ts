import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newId, type SessionId } from '../../../src/db/ids.js'
import { hashKeyedInto } from '../../../src/follower/keyedHash.js'
import {
  HASH_AT,
  hashWords,
  KEYED_AT,
  readToken,
  TOKEN_WORDS,
  uuidText,
  uuidWords,
} from '../../../src/follower/token.js'
import { hashSecret, newToken, parseToken } from '../../../src/sessions/token.js'

const words = new Int32Array(TOKEN_WORDS)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hashOf = (read: Int32Array) =>
  Array.from(read.subarray(HASH_AT, KEYED_AT), (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')

/** Tokens, and what is nearly one: an other character here or there, another length. */
const nearlyTokens = fc
  .tuple(fc.uint8Array({ minLength: 48, maxLength: 48 }), fc.nat(69), fc.constantFrom(...'Aa09-_+/=. Ä\n'), fc.nat(3))
  .map(([bytes, at, character, how]) => {
    // Version 7 and variant of a UUID, so that many of them are one.
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const id = Buffer.from(bytes.subarray(0, 16)).toString('base64url')
    const token = `rcs_${id}${Buffer.from(bytes.subarray(16)).toString('base64url')}`
    if (how === 0) return token
    if (how === 1) return token.slice(0, at) + character + token.slice(at + 1)
    return how === 2 ? token.slice(0, at) : token + character
  })

describe('S-01 the token as memory reads it', () => {
  it('S-01 is what the server takes for a token, with the same id and the same hash, and nothing else is', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyTokens, fc.stringMatching(/^rcs_[A-Za-z0-9_-]{65}$/), fc.string()), (text) => {
        const parts = parseToken(text)
        const isToken = readToken(text, words)
        // The server's parser takes the nil and the max UUID too, which no session has.
        if (parts && /^[0f-]+$/.test(parts.id)) return
        expect(isToken, text).toBe(parts !== undefined)
        if (!parts) return
        expect(uuidText(words, 0)).toBe(parts.id)
        expect(hashOf(words)).toBe(sha256(parts.secret))
        expect(words.subarray(HASH_AT, KEYED_AT)).toEqual(hashWords(hashSecret(parts.secret)))
      }),
      { numRuns: 5_000 },
    )
  })

  it('S-01 hashes like Node does', () => {
    for (let i = 0; i < 500; i++) {
      const { token, secretHash } = newToken(newId<SessionId>())
      expect(readToken(token, words)).toBe(true)
      expect(hashOf(words)).toBe(Buffer.from(secretHash).toString('hex'))
    }
  })

  it('S-01 hashes with a key like the authors of SipHash do', () => {
    const key = new Int32Array(Uint8Array.from({ length: 8 }, (_, n) => n).buffer)
    const text = String.fromCharCode(...Array.from({ length: 44 }, (_, n) => n))
    const into = new Int32Array(TOKEN_WORDS)
    expect(hashKeyedInto(`before${text}`, 'before'.length, key, into)).toBe(true)
    expect(Buffer.from(into.slice(KEYED_AT).buffer).toString('hex')).toBe('1e30f3ad27dcb15a')
  })

  it('writes ids the way it reads them', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(uuidWords(id, words, 0)).toBe(true)
        expect(uuidText(words, 0)).toBe(id)
      }),
    )
    for (const other of ['', 'x', '0193A000-0000-7000-8000-000000000000', '0193a000-0000-7000-8000-00000000000'])
      expect(uuidWords(other, words, 0)).toBe(false)
  })
})
