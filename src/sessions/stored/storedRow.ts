import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import type { AppId, SessionId } from '../../db/ids.js'
import { storedSessions } from '../../db/schema/stored.js'
import { apps, followers, sessions, settings } from '../../db/schema.js'
import { loadOver, type Over } from '../loadFacts.js'
import { appendRevocations } from '../log/revocations.js'

/** Which one: the app, and the SHA-256 of the secret that the app has made of its own session id. */
export interface StoredKey {
  appId: AppId
  key: Uint8Array
}

/** How app processes are told of it. */
export const keyText = (key: Uint8Array): string => Buffer.from(key).toString('base64url')

export const isStored = ({ appId, key }: StoredKey) => and(eq(storedSessions.appId, appId), eq(storedSessions.key, key))

/** For how long one that nobody is signed in with may lie unused: by its own age, else by the app's policy. */
export const lifetimeEnd = (appId: AppId, maxAge: number | null) => sql<Date>`(
  select now() + make_interval(secs => coalesce(${maxAge}::int, ${apps.idleTimeout}, ${settings.idleTimeout}))
  from ${apps}, ${settings} where ${apps.id} = ${appId} and ${settings.id} = 1)`

/** A process that has told of itself within this time may still answer from its memory. */
const SILENT_SECONDS = 10

/** One that tells of itself on its timed poll follows; one that has only just begun to hold may not be listed yet. */
const holderLives = sql<boolean>`(${storedSessions.heldAt} > now() - make_interval(secs => ${SILENT_SECONDS}) or exists (
  select 1 from ${followers}, jsonb_array_elements(${followers.apps}) as app
  where app->>'process' = ${storedSessions.holder} and greatest(${followers.seenAt}, ${followers.reportedAt})
    - make_interval(secs => coalesce((app->>'seenAgoMs')::float8, 0) / 1000) > now() - make_interval(secs => ${SILENT_SECONDS})))`

/** Locked until the transaction ends: saves, look-ups that change the holder and sign-outs come one after the other. */
export async function lockStored(tx: Database, which: StoredKey): Promise<StoredRow | undefined> {
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`stored ${which.appId} ${keyText(which.key)}`}, 0))`,
  )
  return readStored(tx, which)
}

/** Index: stored_sessions_app_id_key_pk. */
export async function readStored(db: Database, which: StoredKey): Promise<StoredRow | undefined> {
  const [row] = await select(db).where(isStored(which))
  return row
}

const select = (db: Database) =>
  db
    .select({
      sessionId: storedSessions.sessionId,
      content: storedSessions.content,
      accountNamed: storedSessions.accountNamed,
      maxAge: storedSessions.maxAge,
      ended: sql<boolean>`${storedSessions.goneAt} is not null`,
      lapsed: sql<boolean>`coalesce(${storedSessions.expiresAt} <= now(), false)`,
      holder: storedSessions.holder,
      holderLives: sql<boolean>`${storedSessions.holder} is not null and ${holderLives}`,
      sharedAgo: sql<number | null>`extract(epoch from now() - ${storedSessions.sharedAt})::float8`,
    })
    .from(storedSessions)

export type StoredRow = Awaited<ReturnType<typeof select>>[number]

/** Why nothing may be done with it any more, as `verify` would say it; undefined while it is good. */
export async function whyOver(
  db: Database,
  { ended, sessionId }: Pick<StoredRow, 'ended' | 'sessionId'>,
  ip: string | null,
): Promise<Over['reason'] | undefined> {
  if (ended) return 'ended'
  if (!sessionId) return undefined
  const [over] = await loadOver(db, [{ id: sessionId, ip }])
  return over?.reason
}

/** Waits for an act that is about to end the session, and makes the ones after it wait. @returns false: it has ended */
export async function holdOpen(tx: Database, id: SessionId): Promise<boolean> {
  const [open] = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(sql`${sessions.id} = ${id} and ${sessions.endedAt} is null`)
    .for('share')
  return open !== undefined
}

/** For how long several processes take turns before one of them may keep it again. */
const SHARED_SECONDS = 300

/** Who may answer from memory after `process` has asked or saved. */
export interface Holding {
  holder: string | null
  /** It begins to be asked for by several. */
  isShared: boolean
  /** Whoever held it must hear of it. */
  wasTakenAway: boolean
}

/**
 * One process may answer from its memory what the content is, and then asks nobody. When another one comes, the first is
 * told by the log, and for a while both ask: so nobody reads what somebody else has overwritten.
 */
export function holdingAfter(
  row: Pick<StoredRow, 'holder' | 'holderLives' | 'sharedAgo'> | undefined,
  process: string | undefined,
): Holding {
  const alone = { holder: process ?? null, isShared: false, wasTakenAway: false }
  if (!row || row.holder === process) return alone
  if (row.holder && row.holderLives) return { holder: null, isShared: true, wasTakenAway: true }
  const isSharedStill = row.sharedAgo !== null && row.sharedAgo < SHARED_SECONDS
  return isSharedStill ? { ...alone, holder: null } : alone
}

/** What of it is written, and told, where it is not as it was. */
export async function takeHold(tx: Database, which: StoredKey, before: Holding, wasHeldBy: string | null) {
  if (before.wasTakenAway) await appendRevocations(tx, [{ kind: 'stored', target: keyText(which.key) }])
  if (before.holder === wasHeldBy && !before.isShared) return
  await tx.update(storedSessions).set(heldBy(before)).where(isStored(which))
}

export const heldBy = ({ holder, isShared }: Holding) => ({
  holder,
  heldAt: holder ? sql`now()` : null,
  ...(isShared ? { sharedAt: sql`now()` } : {}),
})
