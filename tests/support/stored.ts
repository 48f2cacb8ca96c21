import { createHash } from 'node:crypto'
import { newId, type SessionId } from '../../src/db/ids.js'

const hashed = (text: string) => createHash('sha256').update(text).digest('base64url')

/** A session id as an app makes one, its secret, and how the API calls it. */
export function aSid(sid: string = newId<string>()) {
  const secret = hashed(sid)
  return { sid, secret, key: hashed(secret) }
}

/** What a store makes of it once somebody is signed in: the session's token. */
export const tokenOf = (session: string, { secret }: { secret: string }): string =>
  `rcs_${Buffer.from((session as SessionId).replaceAll('-', ''), 'hex').toString('base64url')}${secret}`
