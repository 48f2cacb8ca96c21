import { eq, sql } from 'drizzle-orm'
import { authorityOf } from '../accounts/authority.js'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import { asMuchAsComes } from '../db/asMuchAsComes.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { AppId, EndingId, SessionId } from '../db/ids.js'
import { apps, sessions } from '../db/schema.js'
import { endAll, talliedOf } from './endings.js'
import { sessionsOf, type Whom } from './generation.js'
import { lastSweep, stillThere } from './lists/swept.js'
import { isLiveOfMany, liveTables } from './live.js'
import { MOST_COUNTED } from './types.js'

export type KillTarget = { app: AppId } | 'everyone'

export type Killed =
  /** See `endAll` for what `ended` counts, and `ending` for how far the rows are marked. */
  | { status: 'done'; ended: number; ending: EndingId }
  | { status: 'no-app' }
  | { status: 'refused'; why: 'not-allowed' | 'no-reason' }
  /** `expected` is what has to be typed. */
  | { status: 'refused'; why: 'not-confirmed'; expected: string }

/**
 * Ends every session of an app, or every session there is, and every sign-in under way, in O(1) (see `endAll`). Nobody
 * is kept from signing in again. Twice at once is twice: what started between the two ends too.
 *
 * @param by an owner, or a key with scope `admin`
 * @param how `confirm`: the app's name, or "everyone", as somebody typed it; `alsoMe`: end the actor's own session too
 */
export async function killSwitch(
  db: Database,
  target: KillTarget,
  reason: string,
  by: Actor,
  how: { confirm: string; alsoMe?: boolean },
): Promise<Killed> {
  return db.transaction(async (tx) => {
    const aim = await aimAt(tx, target)
    if (!aim) return { status: 'no-app' }
    const audited = { target: { kind: aim.whom.kind, id: aim.whom.target, name: aim.name }, reason }
    if ((await authorityOf(tx, by)) !== 'owner') {
      await recordAudit(tx, by, 'killswitch.used', { ...audited, result: 'refused', details: { why: 'not-allowed' } })
      return { status: 'refused', why: 'not-allowed' }
    }
    if (reason.trim() === '') return { status: 'refused', why: 'no-reason' }
    if (how.confirm.trim() !== aim.name) return { status: 'refused', why: 'not-confirmed', expected: aim.name }

    const own = by.kind === 'account' && !how.alsoMe ? by.sessionId : undefined
    const ended = await endAll(tx, aim.whom, { reason: 'kill-switch', by, note: reason }, own)
    if (!ended) return { status: 'no-app' }
    await recordAudit(tx, by, 'killswitch.used', { ...audited, details: { ended: ended.ended } })
    return { status: 'done', ended: ended.ended, ending: ended.id }
  })
}

const FEW = 500

export interface KillPreview {
  /** Its name has to be typed. */
  target: { kind: Whom['kind']; id: string | null; name: string }
  /** Live sessions and whose they are. */
  sessions: number
  people: number
  /** Not all were looked at: there are at least these, ... */
  atLeast: boolean
  /** ... and about so many, where the tallies tell. */
  about?: number | undefined
}

/**
 * What the kill switch would end now. Indexes: sessions_live_id, sessions_live_app.
 *
 * @param except the actor's own session
 */
export async function previewKillSwitch(
  db: Database,
  target: KillTarget,
  except: SessionId,
): Promise<KillPreview | undefined> {
  const aim = await aimAt(db, target)
  if (!aim) return undefined
  const there = stillThere(await lastSweep(db, aim.whom.target)) ?? sql`true`
  const found = await asMuchAsComes(db, { few: FEW, many: MOST_COUNTED }, async (db, most) => {
    const [row] = rowsOf<{ sessions: number; people: number }>(
      await db.execute(sql`
        select count(*)::int as sessions, count(distinct account_id)::int as people from (
          select ${sessions.accountId} as account_id from ${liveTables}
          where ${sessionsOf(aim.whom)} and ${there} and ${isLiveOfMany} and ${sessions.id} <> ${except}
          order by ${sessions.id} desc limit ${most}) newest`),
    )
    const { sessions: counted = 0, people = 0 } = row ?? {}
    return { sessions: counted, people, atLeast: counted >= most }
  })
  const tallied = found.atLeast ? await talliedOf(db, aim.whom) : 0
  const about = tallied > found.sessions ? tallied : undefined
  return { target: { kind: aim.whom.kind, id: aim.whom.target, name: aim.name }, ...found, about }
}

/** What is hit, and what has to be typed to hit it. */
async function aimAt(tx: Database, target: KillTarget): Promise<{ whom: Whom; name: string } | undefined> {
  if (target === 'everyone') return { whom: { kind: 'everything', target: null }, name: 'everyone' }
  const [app] = await tx.select({ name: apps.name }).from(apps).where(eq(apps.id, target.app))
  return app && { whom: { kind: 'app', target: target.app }, name: app.name.trim() }
}
