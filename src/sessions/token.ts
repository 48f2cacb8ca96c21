import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { parse, stringify } from 'uuid'
import type { SessionId } from '../db/ids.js'

const PREFIX = 'rcs_'
const ID_CHARACTERS = 22
const SECRET_CHARACTERS = 43
const SHAPE = new RegExp(`^${PREFIX}[A-Za-z0-9_-]{${ID_CHARACTERS + SECRET_CHARACTERS}}$`)

/** A session token taken apart: the id finds the row, the secret proves it. */
export interface TokenParts {
  id: SessionId
  secret: string
}

/**
 * A new session token for a session: `rcs_` + id (22 characters base64url) + 256 random bits (43 characters).
 * It leaves the server once, in the answer to the sign-in.
 *
 * @returns the token, and the SHA-256 of its secret: the only part that is stored
 * @see OWASP ASVS 5.0 7.2.3
 */
export function newToken(id: SessionId): { token: string; secretHash: Uint8Array } {
  const secret = randomBytes(32).toString('base64url')
  const idPart = Buffer.from(parse(id)).toString('base64url')
  return { token: `${PREFIX}${idPart}${secret}`, secretHash: hashSecret(secret) }
}

/** @returns undefined for anything but the one canonical spelling of a token */
export function parseToken(text: string): TokenParts | undefined {
  if (!SHAPE.test(text)) return undefined
  const idPart = text.slice(PREFIX.length, PREFIX.length + ID_CHARACTERS)
  const secret = text.slice(PREFIX.length + ID_CHARACTERS)
  const idBytes = Buffer.from(idPart, 'base64url')
  // Spare bits at the end of a base64url text would give one token several spellings.
  if (idBytes.toString('base64url') !== idPart) return undefined
  if (Buffer.from(secret, 'base64url').toString('base64url') !== secret) return undefined
  try {
    return { id: stringify(idBytes) as SessionId, secret }
  } catch {
    return undefined
  }
}

/** SHA-256 is enough: the secret is 256 random bits, nothing to guess. */
export function hashSecret(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

/** Compared in constant time. */
export function secretMatches(secret: string, storedHash: Uint8Array): boolean {
  const given = hashSecret(secret)
  return given.length === storedHash.length && timingSafeEqual(given, storedHash)
}
