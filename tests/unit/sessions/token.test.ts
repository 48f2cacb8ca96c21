import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newId, type SessionId } from '../../../src/db/ids.js'
import { hashSecret, newToken, parseToken, secretMatches } from '../../../src/sessions/token.js'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('session tokens', () => {
  it('S-01 a token names its session and proves itself by the hash alone', () => {
    const id = newId<SessionId>()
    const { token, secretHash } = newToken(id)
    const parts = parseToken(token)
    expect(token).toMatch(/^rcs_[\w-]{65}$/)
    expect(parts?.id).toBe(id)
    expect(secretMatches(parts?.secret ?? '', secretHash)).toBe(true)
    expect(Buffer.from(secretHash)).toHaveLength(32)
  })

  it('S-01 the secret has 256 random bits: no two are alike and every bit is used', () => {
    const secrets = Array.from({ length: 2_000 }, () => parseToken(newToken(newId<SessionId>()).token)?.secret ?? '')
    expect(new Set(secrets).size).toBe(2_000)
    const ones = new Array<number>(256).fill(0)
    for (const secret of secrets) {
      for (const [index, byte] of Buffer.from(secret, 'base64url').entries()) {
        for (let bit = 0; bit < 8; bit += 1) ones[index * 8 + bit] = (ones[index * 8 + bit] ?? 0) + ((byte >> bit) & 1)
      }
    }
    // Six standard deviations around a fair coin.
    for (const count of ones) expect(Math.abs(count - 1_000)).toBeLessThan(6 * Math.sqrt(500))
  })

  it('S-01 any other spelling of the same bytes is no token', () => {
    const { token } = newToken(newId<SessionId>())
    const lastOfId = token.charAt(25)
    const lastOfSecret = token.charAt(token.length - 1)
    const sibling = (character: string, spare: number) => BASE64URL[BASE64URL.indexOf(character) ^ spare] ?? ''
    for (const other of [
      ` ${token}`,
      `${token} `,
      `${token}=`,
      `${token}\n`,
      token.replace('rcs_', 'RCS_'),
      token.slice(0, 25) + sibling(lastOfId, 1) + token.slice(26),
      token.slice(0, -1) + sibling(lastOfSecret, 1),
      token.slice(4),
      '',
    ]) {
      expect(parseToken(other), JSON.stringify(other)).toBeUndefined()
    }
  })

  it('S-05 a session id alone is no token', () => {
    expect(parseToken(newId<SessionId>())).toBeUndefined()
  })

  it('S-01 no text makes the parser throw, and what it takes it gives back unchanged', () => {
    const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
    const id = fc.uuid().map((uuid) => base64url(Buffer.from(uuid.replaceAll('-', ''), 'hex')))
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(base64url)
    const good = fc.tuple(id, secret).map((parts) => `rcs_${parts.join('')}`)
    let taken = 0
    fc.assert(
      fc.property(fc.oneof(good, fc.string({ unit: 'binary' }), fc.stringMatching(/^rcs_[\w-]{65}$/)), (text) => {
        const parts = parseToken(text)
        if (!parts) return
        taken += 1
        const id = base64url(Buffer.from(parts.id.replaceAll('-', ''), 'hex'))
        expect(`rcs_${id}${parts.secret}`).toBe(text)
      }),
      { numRuns: 1_000 },
    )
    expect(taken).toBeGreaterThan(100)
  })

  it('S-01 no bit of the hash may differ', () => {
    for (let bit = 0; bit < 256; bit += 1) {
      const other = hashSecret('x')
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(secretMatches('x', other), `bit ${bit}`).toBe(false)
    }
  })

  it('a hash of another length never matches', () => {
    expect(secretMatches('x', hashSecret('x').slice(1))).toBe(false)
  })
})
