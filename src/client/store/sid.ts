import { createHash } from 'node:crypto'

/** What a session id of the app's own is made into. The id itself and its secret stay in this process. */
export interface Sid {
  /** The secret half of the session's token. */
  secret: string
  /** How Rollcall finds it: the secret's SHA-256, which is all that Rollcall knows of it. */
  key: string
}

export function readSid(sid: string): Sid {
  const secret = sha256(sid)
  return { secret, key: sha256(secret) }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/** The token of the session that somebody has under that id. */
export const tokenOf = (session: string, { secret }: Sid): string =>
  `rcs_${Buffer.from(session.replaceAll('-', ''), 'hex').toString('base64url')}${secret}`
