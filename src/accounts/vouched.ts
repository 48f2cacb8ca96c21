import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, AppId } from '../db/ids.js'
import { comesFromBlockedNetwork, type SignIn, startSession } from '../sessions/start.js'
import type { Session } from '../sessions/types.js'
import { findApp } from './apps.js'
import { type FoundAccount, findOrCreateAccount, type NamedAccount } from './identities.js'

export type VouchedStart =
  | { status: 'started'; session: Session; token: string }
  | { status: 'blocked'; why: 'account' | 'network' | 'app' }
  | { status: 'no-app' }
  | Exclude<FoundAccount, { status: 'found' }>

/**
 * Starts a session for somebody whose credentials an app has checked itself. Blocks hold all the same, and the refusal
 * is written down.
 */
export async function startVouchedSession(
  db: Database,
  wanted: Omit<SignIn, 'account' | 'by' | 'replaces'> & { account: NamedAccount },
  by: Actor,
): Promise<VouchedStart> {
  return db.transaction(async (tx) => {
    const app = await findApp(tx, wanted.appId)
    if (!app) return { status: 'no-app' }
    // Before an account is made for somebody who is not let in.
    if (app.disabledAt) return refuse(tx, 'app', wanted, undefined, by)
    if (await comesFromBlockedNetwork(tx, wanted.client.ip, null)) return refuse(tx, 'network', wanted, undefined, by)
    const found = await findOrCreateAccount(tx, wanted.appId, wanted.account, by)
    if (found.status !== 'found') return found
    const started = await startSession(tx, { ...wanted, account: found.account, by })
    return started.status === 'started' ? started : refuse(tx, started.why, wanted, found.account.id, by)
  })
}

async function refuse(
  tx: Database,
  why: keyof typeof CAUSES,
  { client, account, appId }: Parameters<typeof startVouchedSession>[1],
  accountId: AccountId | undefined,
  by: Actor,
): Promise<VouchedStart> {
  await recordAudit(tx, by, 'sign-in.refused', {
    result: 'refused',
    target: { kind: 'account', id: accountId ?? null, name: account.email ?? account.externalId ?? account.id ?? '' },
    accountId,
    place: client.place,
    details: { why: CAUSES[why], app: appId satisfies AppId, ip: client.ip },
  })
  return { status: 'blocked', why }
}

const CAUSES = { account: 'blocked', network: 'network-blocked', app: 'app-disabled' } as const
