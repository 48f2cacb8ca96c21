import { createHash, randomBytes } from 'node:crypto'
import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { AppId, SessionId } from '../db/ids.js'
import { handOvers } from '../db/schema/forward.js'
import { accounts, apps, sessions, settings } from '../db/schema.js'
import type { Client } from '../devices/types.js'
import { isLive, liveFactColumns, liveTables } from './live.js'
import { isFrozen } from './many/frozen.js'
import { HANDED_OVER } from './signInBehind.js'
import { comesFromBlockedNetwork, lockAccount, type Started, startSession } from './start.js'
import type { EndReason } from './types.js'

const CODE_LIVES = sql`interval '1 minute'`

/** To whom a sign-in is handed over, and to which browser alone. */
export interface HandOver {
  host: string
  appId: AppId
  /** SHA-256, base64url, of what the browser holds in a cookie of that host. */
  challenge: string
}

/** Somebody ended such a session on purpose: the person has to prove themselves anew before there is another one. */
const ENDED_ON_PURPOSE: EndReason[] = ['revoked', 'signed-out-elsewhere', 'kill-switch', 'app-disabled']

/**
 * Whether a sign-in may become a session of an app without a word from the person. It may not where one that it became
 * before was ended by somebody: else the next click would undo that.
 *
 * @returns why the earlier one ended; undefined where nothing stands against it. Index: hand_overs_from
 */
export async function whyNotHandOver(db: Database, from: SessionId, appId: AppId): Promise<EndReason | undefined> {
  const overByGeneration = sql`(${sessions.endedAt} is null and (${isFrozen} or not (
    ${sessions.accountGeneration} = ${accounts.generation} and ${sessions.appGeneration} = ${apps.generation}
    and ${sessions.everyoneGeneration} = ${settings.generation})))`
  const [ended] = rowsOf<{ reason: EndReason }>(
    await db.execute(sql`
      select coalesce(${sessions.endReason}, 'revoked') as reason
      from ${handOvers} join ${liveTables} on ${sessions.id} = ${handOvers.toSession}
      where ${handOvers.fromSession} = ${from} and ${handOvers.appId} = ${appId}
        and (${inArray(sessions.endReason, ENDED_ON_PURPOSE)} or ${overByGeneration})
      limit 1`),
  )
  return ended?.reason
}

/** A code for one use within a minute, by the browser that asked for it; only its SHA-256 is kept. */
export async function offerHandOver(
  db: Database,
  from: SessionId,
  { host, appId, challenge }: HandOver,
): Promise<string> {
  const code = randomBytes(32).toString('base64url')
  await db.execute(sql`
    insert into ${handOvers} (code_hash, host, app_id, account_id, account_generation, challenge, from_session, expires_at)
    select ${sha256(code)}, ${host}, ${appId}, ${sessions.accountId}, ${sessions.accountGeneration}, ${challenge},
      ${sessions.id}, now() + ${CODE_LIVES}
    from ${sessions} where ${sessions.id} = ${from}`)
  return code
}

const HAND_OVERS = sql`hashtext('rollcall hand-overs')`

/** Until the end of the transaction no sign-in is handed over: what has been is seen, what comes later sees what was done. */
export async function holdHandOvers(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${HAND_OVERS})`)
}

/**
 * Makes a session of an app out of a sign-in at Rollcall, which it never outlasts. The row of that sign-in is locked
 * meanwhile: who ends it either comes first, and there is no session, or finds this one (`endHandedOver`).
 *
 * @param replaces the account's session that this browser brought along
 * @returns `gone` for a code that is unknown, used, too old, another host's or another browser's, and where the sign-in is over
 */
export async function takeHandOver(
  db: Database,
  code: string,
  to: HandOver,
  { client, replaces }: { client: Client; replaces?: SessionId | undefined },
): Promise<Started | { status: 'gone' }> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock_shared(${HAND_OVERS})`)
    // Whether it is blocked, startSession says: its locks, this one and the account's, come before that of the sign-in.
    await comesFromBlockedNetwork(tx, client.ip, null)
    const [offered] = await tx
      .update(handOvers)
      .set({ usedAt: sql`now()` })
      .where(
        and(
          eq(handOvers.codeHash, sha256(code)),
          eq(handOvers.host, to.host),
          eq(handOvers.appId, to.appId),
          eq(handOvers.challenge, to.challenge),
          isNull(handOvers.usedAt),
          sql`${handOvers.expiresAt} > now()`,
        ),
      )
      .returning()
    if (!offered) return { status: 'gone' }
    await lockAccount(tx, offered.accountId)
    const notAfter = await lockSignIn(tx, offered.fromSession)
    if (!notAfter) return { status: 'gone' }
    const started = await startSession(tx, {
      account: { id: offered.accountId, generation: offered.accountGeneration },
      appId: to.appId,
      client,
      method: HANDED_OVER,
      notAfter,
      replaces,
    })
    if (started.status === 'started')
      await tx.update(handOvers).set({ toSession: started.session.id }).where(eq(handOvers.codeHash, offered.codeHash))
    return started
  })
}

/** @returns when it ends at the latest; undefined when it is over */
async function lockSignIn(tx: Database, id: SessionId): Promise<Date | undefined> {
  const [locked] = rowsOf(
    await tx.execute(
      sql`select 1 from ${sessions} where ${sessions.id} = ${id} and ${sessions.endedAt} is null for share`,
    ),
  )
  if (!locked) return undefined
  const end = sql`least(${sessions.expiresAt}, ${sessions.createdAt} + make_interval(secs => ${liveFactColumns.absoluteTimeout}))`
  const [live] = rowsOf<{ endMs: number }>(
    await tx.execute(sql`
      select floor(extract(epoch from ${end}) * 1000)::float8 as "endMs"
      from ${liveTables} where ${sessions.id} = ${id} and ${isLive}`),
  )
  return live && new Date(live.endMs)
}

/** The sign-in at Rollcall that a session came from. Index: hand_overs_to */
export async function signInOf(db: Database, to: SessionId): Promise<SessionId | undefined> {
  const [row] = await db.select({ from: handOvers.fromSession }).from(handOvers).where(eq(handOvers.toSession, to))
  return row?.from
}

/** Codes that nobody used. Index: hand_overs_unused */
export async function pruneHandOvers(db: Database): Promise<void> {
  await db
    .delete(handOvers)
    .where(and(isNull(handOvers.toSession), lt(handOvers.expiresAt, sql`now() - interval '1 hour'`)))
}

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest()

/** What a browser's secret is known by on the way through Rollcall. */
export const challengeOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
