import { createHash, randomBytes } from 'node:crypto'

const SHAPE = /^[A-Za-z0-9_-]{43}$/

/** The secret of a one-time link, or of a device cookie: 256 random bits. Only the hash is stored (S-25). */
export function newLinkToken(): { token: string; hash: Uint8Array } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: sha256(token) }
}

/** @returns undefined for what can't be such a token, so that nothing odd reaches the database */
export function hashLinkToken(token: string): Uint8Array | undefined {
  return SHAPE.test(token) ? sha256(token) : undefined
}

/** Enough for 256 random bits: there is nothing to guess. */
export function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
