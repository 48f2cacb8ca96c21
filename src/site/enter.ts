import { rememberDevice } from '../accounts/knownDevices.js'
import { readSettings } from '../accounts/settings.js'
import { isAdmin, type Role } from '../accounts/types.js'
import { type AccountId, BUILT_IN_APP } from '../db/ids.js'
import { readClient } from '../devices/client.js'
import type { Client } from '../devices/types.js'
import { currentSession } from '../http/authorise.js'
import { readDeviceCookie, setDeviceCookie, setSessionCookie } from '../http/cookies.js'
import type { ActiveSession, AppContext } from '../http/env.js'
import { PublicError } from '../http/errors.js'
import { revokeSession } from '../sessions/revoke.js'
import { startSession } from '../sessions/start.js'
import type { SignInMethod } from '../sessions/types.js'

/** Where somebody lands who asked for nothing else. */
export const homeOf = (role: Role): string => (isAdmin(role) ? '/admin' : '/account/sessions')

export function clientOf(c: AppContext): Promise<Client> {
  return readClient({
    headers: { get: (name) => c.req.header(name) },
    peer: c.env.incoming?.socket?.remoteAddress,
    trusted: c.var.trustedProxies,
    places: c.var.places,
  })
}

/**
 * Lets somebody in whose credentials were checked: a new session under a new token. One that the browser brought along
 * ends, whoever's it is; nothing of it is adopted (S-03).
 *
 * @returns `blocked` when the account was blocked, or everything it had open ended, since the check; `network-blocked`
 *   when the network that they come from was
 */
export async function enter(
  c: AppContext,
  account: { id: AccountId; generation: number },
  method: SignInMethod,
  client: Client,
): Promise<'entered' | 'blocked' | 'network-blocked'> {
  const { db } = c.var
  const brought = await currentSession(c)
  const own = brought?.account.id === account.id ? brought.session.id : undefined
  const started = await startSession(db, { account, appId: BUILT_IN_APP, client, method, replaces: own })
  if (started.status === 'blocked') return started.why === 'network' ? 'network-blocked' : 'blocked'
  if (brought && !own) await leaveBehind(c, brought)
  setSessionCookie(c, started.token, started.session.expiresAt)
  setDeviceCookie(c, await rememberDevice(db, account.id, readDeviceCookie(c)))
  return 'entered'
}

/** For who holds a good link: it stays good. */
export async function networkBlocked(c: AppContext): Promise<PublicError> {
  const { contact } = await readSettings(c.var.db)
  return new PublicError(
    403,
    'network-blocked',
    'You can’t sign in from this network',
    `It is blocked. Nothing was changed: the link works from another network. Contact ${contact}.`,
  )
}

/** Nobody could reach it any more, so it ends as if they had signed out themselves. */
async function leaveBehind(c: AppContext, { account, session }: ActiveSession) {
  const by = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip: c.var.ip } as const
  await revokeSession(c.var.db, session.id, by, 'Another account signed in with this browser')
}
