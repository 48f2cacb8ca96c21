import { eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import type { CheckRequest, DenialReason, Facts, Loaded, Snapshot, Watched } from '../follower/types.js'
import { hereColumns, readHere } from './here.js'
import { effectiveExpiry, type LiveFacts, liveFactColumns, networkBlocked, whyNotLive } from './live.js'
import { parseToken } from './token.js'

/**
 * What a miss is answered with: one look-up (index: sessions_pkey, then the primary keys of what it joins).
 *
 * @param applied what this process knows already
 * @throws WrongDatabase when whoever answered may know less
 */
export async function loadFacts(
  db: Database,
  token: string,
  request: CheckRequest,
  applied: Snapshot | undefined,
): Promise<Loaded> {
  const id = parseToken(token)?.id
  if (!id) return { status: 'unknown', idIsFree: false }
  const [row] = await selectFacts(db, sql`(select ${id}::uuid as id, ${request.ip ?? null}::inet as ip) as asked`)
  if (!row) throw new Error('a query that answers for every id did not')
  readHere(row.here, applied)
  const facts = found(row.facts)
  if (!row.session || !row.account || !facts) return { status: 'unknown', idIsFree: true }
  const expiresAt = effectiveExpiry(facts).getTime()
  const idleTimeoutMs = facts.idleTimeout * 1000
  return {
    status: 'known',
    facts: {
      ...row.session,
      createdAt: facts.createdAt.getTime(),
      expiresAt,
      idleTimeoutMs,
      account: row.account,
      over: overFor(facts),
      expiryDeadline: expiresAt,
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
    const page = JSON.stringify(watched.slice(start, start + PAGE))
    const rows = await selectFacts(db, sql`json_to_recordset(${page}::text::json) as asked (id uuid, ip inet)`)
    for (const row of rows) {
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

type Row = Awaited<ReturnType<typeof selectFacts>>[number]

function found(facts: Row['facts']): LiveFacts | undefined {
  const { createdAt, expiresAt, lastSeenAt } = facts
  return createdAt && expiresAt && lastSeenAt ? { ...facts, createdAt, expiresAt, lastSeenAt } : undefined
}

/** Networks apart: they depend on where a request comes from. */
function overFor(facts: LiveFacts): Facts['over'] {
  const reason = whyNotLive({ ...facts, networkBlocked: false })
  return reason === 'network-blocked' ? undefined : reason
}
