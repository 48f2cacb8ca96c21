import { and, eq, sql } from 'drizzle-orm'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, AppId } from '../db/ids.js'
import { accountIdentities, accounts } from '../db/schema.js'
import { createAccount, type Invalid, type Refused } from './accounts.js'
import { readEmail } from './emails.js'

/** How an app says who signs in; at least one of the first three. */
export interface NamedAccount {
  id?: AccountId | undefined
  /** The app's own user id. */
  externalId?: string | undefined
  /** The app vouches for it: one person's sessions in several apps meet in one account. */
  email?: string | undefined
  name?: string | undefined
}

export type FoundAccount =
  | { status: 'found'; account: { id: AccountId; generation: number } }
  /** There is none with that id, and ids are not made up by apps. */
  | { status: 'unknown' }
  /** What was given names two different accounts. */
  | { status: 'differ' }
  | Invalid
  | Refused

/**
 * The account that an app means: by id, else by its own user id, else by e-mail address; made when there is none. From
 * then on the app's user id names it.
 */
export async function findOrCreateAccount(
  db: Database,
  appId: AppId,
  named: NamedAccount,
  by: Actor,
): Promise<FoundAccount> {
  return db.transaction(async (tx) => {
    if (named.externalId !== undefined) await oneAtATime(tx, appId, named.externalId)
    const byId = named.id && (await idWhere(tx, eq(accounts.id, named.id)))
    if (named.id && !byId) return { status: 'unknown' }
    const byExternalId = named.externalId === undefined ? undefined : await findIdentity(tx, appId, named.externalId)
    const byEmail = named.email === undefined ? undefined : await findByEmail(tx, named.email)
    const found = [byId, byExternalId, byEmail].filter((id) => id !== undefined)
    if (new Set(found).size > 1) return { status: 'differ' }

    const made = found[0] ?? (await make(tx, named, by))
    if (typeof made !== 'string') return made
    if (named.externalId !== undefined && byExternalId === undefined) {
      await tx.insert(accountIdentities).values({ appId, externalId: named.externalId, accountId: made })
    }
    const [account] = await tx
      .select({ id: accounts.id, generation: accounts.generation })
      .from(accounts)
      .where(eq(accounts.id, made))
    return account ? { status: 'found', account } : { status: 'unknown' }
  })
}

/** Two first sign-ins of one user at the same moment make one account. */
async function oneAtATime(tx: Database, appId: AppId, externalId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`identity ${appId} ${externalId}`}, 0))`)
}

async function idWhere(tx: Database, which: ReturnType<typeof eq>): Promise<AccountId | undefined> {
  const [account] = await tx.select({ id: accounts.id }).from(accounts).where(which)
  return account?.id
}

/** Index: account_identities_pkey. */
async function findIdentity(tx: Database, appId: AppId, externalId: string): Promise<AccountId | undefined> {
  const [identity] = await tx
    .select({ id: accountIdentities.accountId })
    .from(accountIdentities)
    .where(and(eq(accountIdentities.appId, appId), eq(accountIdentities.externalId, externalId)))
  return identity?.id
}

async function findByEmail(tx: Database, email: string): Promise<AccountId | undefined> {
  const read = readEmail(email)
  return read && idWhere(tx, eq(accounts.emailKey, read.key))
}

async function make(
  tx: Database,
  { name, email, externalId }: NamedAccount,
  by: Actor,
): Promise<AccountId | Invalid | Refused> {
  const called = name ?? email?.slice(0, email.lastIndexOf('@')) ?? externalId ?? ''
  const created = await createAccount(tx, { email, name: called }, by)
  return created.status === 'created' || created.status === 'exists' ? created.account.id : created
}
