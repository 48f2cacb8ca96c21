import { hash } from '@node-rs/argon2'
import { eq, sql } from 'drizzle-orm'
import type { Role } from '../../src/accounts/types.js'
import type { Actor } from '../../src/audit/types.js'
import type { Database } from '../../src/db/connect.js'
import { type AccountId, type AppId, BUILT_IN_APP, newId } from '../../src/db/ids.js'
import { accounts, apps, credentials, sessionActivity, sessions } from '../../src/db/schema.js'
import { startSession } from '../../src/sessions/start.js'
import type { Session, SignInMethod } from '../../src/sessions/types.js'
import { aClient, type ClientOptions } from './clients.js'

let count = 0

export interface TestAccount {
  id: AccountId
  name: string
  email: string
  role: Role
  /** What a sign-in that starts now carries. */
  generation: number
  /** Undefined when it was built without one. */
  password: string | undefined
}

export interface AccountOptions {
  name?: string
  email?: string
  role?: Role
  /** Sets it; hashing takes a moment, so only accounts that sign in have one. */
  password?: string
}

/** An account that nothing has happened to yet: a person with a name and an address of their own. */
export async function anAccount(db: Database, options: AccountOptions = {}): Promise<TestAccount> {
  count += 1
  const id = newId<AccountId>()
  const name = options.name ?? `Ada Example ${count}`
  const email = options.email ?? `ada.${id}@example.com`
  const role = options.role ?? 'person'
  await db.insert(accounts).values({ id, name, email, emailKey: email.trim().toLowerCase(), role })
  if (options.password) {
    // Weak parameters on purpose: they are read from the hash, and a test need not be slow to guess.
    const passwordHash = await hash(options.password, { memoryCost: 8, timeCost: 1, parallelism: 1 })
    await db.insert(credentials).values({ accountId: id, passwordHash })
  }
  return { id, name, email, role, generation: 0, password: options.password }
}

export const OWNER_PASSWORD = 'correct horse battery staple'

/** An owner who can sign in with `OWNER_PASSWORD`. */
export function anOwner(db: Database, options: Omit<AccountOptions, 'role'> = {}): Promise<TestAccount> {
  return anAccount(db, { name: 'Olga Owner', password: OWNER_PASSWORD, ...options, role: 'owner' })
}

export interface SessionOptions extends ClientOptions {
  account?: TestAccount
  app?: AppId
  method?: SignInMethod
  /** As PostgreSQL reads an interval: '20 minutes'. */
  signedInFor?: string
  idleFor?: string
}

/** A live session with its token, aged as asked for; of a new account unless one is given. */
export async function aSession(
  db: Database,
  options: SessionOptions = {},
): Promise<{ session: Session; token: string; account: TestAccount }> {
  const account = options.account ?? (await anAccount(db))
  const [present] = await db
    .select({ generation: accounts.generation })
    .from(accounts)
    .where(eq(accounts.id, account.id))
  const started = await startSession(db, {
    account: { id: account.id, generation: present?.generation ?? account.generation },
    appId: options.app ?? BUILT_IN_APP,
    client: aClient(options),
    method: options.method ?? 'password',
  })
  if (started.status !== 'started') throw new Error(`the account of this test can't sign in: ${started.status}`)
  await age(db, started.session, options)
  return { session: started.session, token: started.token, account }
}

/** Time passes for one session: the database's clock decides, so the rows grow older instead. */
export async function age(
  db: Database,
  { id }: Pick<Session, 'id'>,
  { signedInFor, idleFor }: { signedInFor?: string; idleFor?: string },
): Promise<void> {
  if (signedInFor) {
    await db
      .update(sessions)
      .set({
        createdAt: sql`${sessions.createdAt} - ${signedInFor}::interval`,
        expiresAt: sql`${sessions.expiresAt} - ${signedInFor}::interval`,
      })
      .where(eq(sessions.id, id))
  }
  if (idleFor) {
    await db
      .update(sessionActivity)
      .set({ lastSeenAt: sql`now() - ${idleFor}::interval` })
      .where(eq(sessionActivity.sessionId, id))
  }
}

/** Another app than the built-in site. */
export async function anApp(
  db: Database,
  options: { name?: string; idleTimeout?: number; absoluteTimeout?: number } = {},
): Promise<AppId> {
  count += 1
  const id = newId<AppId>()
  await db.insert(apps).values({
    id,
    name: options.name ?? `App ${count} ${id.slice(-6)}`,
    idleTimeout: options.idleTimeout ?? null,
    absoluteTimeout: options.absoluteTimeout ?? null,
  })
  return id
}

/** The account as the author of an act, from a session of theirs. */
export async function acting(db: Database, account: TestAccount, options: ClientOptions = {}): Promise<Actor> {
  const { session } = await aSession(db, { ...options, account })
  return { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip: session.ip }
}

/** Priya Raman, signed in on a Mac in Lisbon and on a phone in Osaka. */
export async function priyaRaman(db: Database): Promise<TestAccount> {
  const account = await anAccount(db, { name: 'Priya Raman' })
  await aSession(db, { account, on: 'Safari on Mac', from: 'Lisbon' })
  await aSession(db, { account, on: 'Safari on iPhone', from: 'Osaka' })
  return account
}
