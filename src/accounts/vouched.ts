import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import {
  comesFromBlockedNetwork,
  type SignIn,
  type Started,
  type StartedWithSecret,
  startSession,
  startWithSecret,
} from '../sessions/start.js'
import { findApp } from './apps/apps.js'
import { type FoundAccount, findOrCreateAccount, type NamedAccount } from './identities.js'

export type VouchedStart = Started | NotLetIn
type NotLetIn =
  | { status: 'blocked'; why: 'account' | 'network' | 'app' | 'role' }
  | { status: 'no-app' }
  | Exclude<FoundAccount, { status: 'found' }>

type Wanted = Omit<SignIn, 'account' | 'by' | 'replaces'> & { account: NamedAccount }

/**
 * Starts a session for somebody whose credentials an app has checked itself. Blocks hold all the same, and the refusal
 * is written down.
 */
export const startVouchedSession = (db: Database, wanted: Wanted, by: Actor): Promise<VouchedStart> =>
  letIn(db, wanted, by, startSession)

/** The same with a secret that the app has made: its SHA-256 is all that is known here. */
export const startVouchedWithSecret = (
  db: Database,
  wanted: Wanted,
  by: Actor,
  secretHash: Uint8Array,
): Promise<StartedWithSecret | NotLetIn> =>
  letIn(db, wanted, by, (tx, signIn) => startWithSecret(tx, signIn, () => secretHash))

async function letIn<S extends Started | StartedWithSecret>(
  db: Database,
  wanted: Wanted,
  by: Actor,
  start: (tx: Database, signIn: SignIn) => Promise<S>,
): Promise<S | NotLetIn> {
  return db.transaction(async (tx) => {
    const app = await findApp(tx, wanted.appId)
    if (!app) return { status: 'no-app' }
    const refused = (why: keyof typeof CAUSES, id?: AccountId) => refuse(tx, why, wanted, { id, app: app.name }, by)
    // Before an account is made for somebody who is not let in.
    if (app.disabledAt) return refused('app')
    if (await comesFromBlockedNetwork(tx, wanted.client.ip, null)) return refused('network')
    const found = await findOrCreateAccount(tx, wanted.appId, wanted.account, by)
    if (found.status !== 'found') return found
    const started = await start(tx, { ...wanted, account: found.account, by })
    return started.status === 'blocked' ? refused(started.why, found.account.id) : started
  })
}

async function refuse(
  tx: Database,
  why: keyof typeof CAUSES,
  { client, account }: Wanted,
  { id, app }: { id: AccountId | undefined; app: string },
  by: Actor,
): Promise<NotLetIn> {
  await recordAudit(tx, by, 'sign-in.refused', {
    result: 'refused',
    target: { kind: 'account', id: id ?? null, name: account.email ?? account.externalId ?? account.id ?? '' },
    accountId: id,
    client,
    details: { why: CAUSES[why], app },
  })
  return { status: 'blocked', why }
}

const CAUSES = { account: 'blocked', network: 'network-blocked', app: 'app-disabled', role: 'role-too-low' } as const
