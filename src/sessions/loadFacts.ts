import { eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { preparedOnce } from '../db/preparedOnce.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { hashWords } from '../follower/token.js'
import type { CheckRequest, DenialReason, Facts, Loaded, Snapshot, Watched } from '../follower/types.js'
import { effectiveExpiry, type LiveFacts, liveFactColumns, networkBlocked, whyNotLive } from './live.js'
import { hereColumns, readHere } from './log/here.js'
import { parseToken } from './token.js'

/** A session, as seen from an address. */
export interface Asked {
  id: string
  ip: string | null
}

/**
 * A miss.
 *
 * @param ask the look-up, alone or together with others
 * @param applied what this process knows already
 * @throws WrongDatabase when whoever answered may know less
 */
export async function loadFacts(
  ask: (asked: Asked) => Promise<FactsRow>,
  token: string,
  { ip = null }: CheckRequest,
  applied: Snapshot | undefined,
): Promise<Loaded> {
  const id = parseToken(token)?.id
  return id ? loadedOf(await ask({ id, ip }), applied) : { status: 'unknown', idIsFree: false }
}

/**
 * What is asked about, in its order: one look-up (index: sessions_pkey, then the primary keys of what it
 * joins), alone or for all of them together.
 */
export async function loadRows(db: Database, asked: readonly Asked[]): Promise<FactsRow[]> {
  const [one] = asked
  if (one && asked.length === 1) return factsOfOne(db).execute({ id: one.id, ip: one.ip })
  const all = JSON.stringify(asked.map(({ id, ip }, place) => ({ place, id, ip })))
  const rows = await factsOfMany(db).execute({ all })
  return rows.sort((one, other) => one.place - other.place)
}

function loadedOf(row: FactsRow, applied: Snapshot | undefined): Loaded {
  readHere(row.here, applied)
  const facts = found(row.facts)
  if (!row.session || !row.account || !facts) return { status: 'unknown', idIsFree: true }
  const over = overFor(facts)
  const expiresAt = effectiveExpiry(facts).getTime()
  const idleTimeoutMs = facts.idleTimeout * 1000
  return {
    status: 'known',
    facts: {
      ...row.session,
      secretHash: hashWords(row.session.secretHash),
      createdAt: facts.createdAt.getTime(),
      expiresAt,
      idleTimeoutMs,
      account: row.account,
      over,
      unsure: over === 'idle' && !facts.endedAt,
      // Past it, the database is asked: what a use of this one does to its sign-in, memory can't tell.
      expiryDeadline: Math.min(expiresAt, facts.signInIdleAt?.getTime() ?? expiresAt),
      idleDeadline: facts.lastSeenAt.getTime() + idleTimeoutMs,
    },
    networkBlocked: facts.networkBlocked,
    ageMs: 0,
  }
}

export interface Over {
  id: string
  reason: Exclude<DenialReason, 'unavailable'>
}

/** How many sessions one statement is asked about. */
const PAGE = 1_000

/**
 * Which of these are over now, and why, as `verify` would say it. Indexes: as above.
 *
 * @param appId to any other app a session is `unknown` (S-38); left out, any app's counts
 */
export async function loadOver(db: Database, watched: readonly Watched[], appId?: string): Promise<Over[]> {
  const over: Over[] = []
  for (let start = 0; start < watched.length; start += PAGE) {
    for (const row of await loadRows(db, watched.slice(start, start + PAGE))) {
      readHere(row.here)
      const facts = found(row.facts)
      const isTheirs = appId === undefined || row.session?.appId === appId
      const reason = facts && isTheirs ? whyNotLive(facts) : 'unknown'
      if (reason) over.push({ id: row.id, reason })
    }
  }
  return over
}

/** One row for each that is asked for, found or not: so that even "unknown" tells which database said it. */
const selectFacts = (db: Database, asked: SQL) =>
  db
    .select({
      place: sql<number>`asked.place`,
      id: sql<string>`asked.id`,
      here: hereColumns,
      session: { id: sessions.id, secretHash: sessions.secretHash, appId: sessions.appId, method: sessions.method },
      account: { id: accounts.id, name: accounts.name, email: accounts.email, role: accounts.role },
      facts: {
        ...liveFactColumns,
        networkBlocked: networkBlocked(sql`coalesce(asked.ip, ${sessionActivity.lastIp})`),
      },
    })
    .from(asked)
    .leftJoin(sessions, eq(sessions.id, sql`asked.id`))
    .leftJoin(accounts, eq(accounts.id, sessions.accountId))
    .leftJoin(apps, eq(apps.id, sessions.appId))
    .leftJoin(settings, eq(settings.id, 1))
    .leftJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))

const [id, ip, all] = [sql.placeholder('id'), sql.placeholder('ip'), sql.placeholder('all')]

const factsOfOne = preparedOnce((db) =>
  selectFacts(db, sql`(select 0 as place, ${id}::uuid as id, ${ip}::inet as ip) as asked`).prepare('facts of one'),
)

const factsOfMany = preparedOnce((db) =>
  selectFacts(db, sql`json_to_recordset(${all}::text::json) as asked (place int, id uuid, ip inet)`).prepare(
    'facts of many',
  ),
)

export type FactsRow = Awaited<ReturnType<typeof selectFacts>>[number]

function found(facts: FactsRow['facts']): LiveFacts | undefined {
  const { createdAt, expiresAt, lastSeenAt } = facts
  return createdAt && expiresAt && lastSeenAt ? { ...facts, createdAt, expiresAt, lastSeenAt } : undefined
}

/** Networks apart: they depend on where a request comes from. */
function overFor(facts: LiveFacts): Facts['over'] {
  const reason = whyNotLive({ ...facts, networkBlocked: false })
  return reason === 'network-blocked' ? undefined : reason
}
