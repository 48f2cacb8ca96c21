import { rememberDevice } from '../accounts/knownDevices.js'
import { readSettings } from '../accounts/settings.js'
import { isAdmin, type Role } from '../accounts/types.js'
import type { Database } from '../db/connect.js'
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
 * ends, whoever's it is; nothing of it is adopted (S-03). All of it is done, or nothing.
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
  const entered = await db.transaction(async (tx) => {
    const started = await startSession(tx, { account, appId: BUILT_IN_APP, client, method, replaces: own })
    if (started.status === 'blocked') return started
    if (brought && !own) await leaveBehind(tx, brought, c.var.ip)
    return { ...started, device: await rememberDevice(tx, account.id, readDeviceCookie(c)) }
  })
  if (entered.status === 'blocked') return entered.why === 'network' ? 'network-blocked' : 'blocked'
  setSessionCookie(c, entered.token, entered.session.expiresAt)
  setDeviceCookie(c, entered.device)
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
async function leaveBehind(tx: Database, { account, session }: ActiveSession, ip: string | null) {
  const by = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip } as const
  await revokeSession(tx, session.id, by, 'Another account signed in with this browser')
}
