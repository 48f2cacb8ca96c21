import { and, countDistinct, desc, eq, ne, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { accounts, apps, sessionActivity, sessionAddresses, sessions, settings } from '../db/schema.js'
import { limitNetworks } from '../devices/address.js'
import type { Place } from '../devices/types.js'
import { isLive } from './live.js'
import { findSession, placeOf, selectSessions, toSession } from './read.js'
import type { Session, SessionAddress, SessionDetail } from './types.js'

const OTHERS_SHOWN = 20
/** Beside the one of the sign-in. */
const MOVES_SHOWN = 49

/**
 * Everything known about one session; undefined when there is none with that id.
 *
 * @param placeAt tells where the addresses that it moved to are on the map: only names are stored of those
 */
export async function sessionDetail(
  db: Database,
  id: SessionId,
  placeAt: (ip: string) => Place,
): Promise<SessionDetail | undefined> {
  const session = await findSession(db, id)
  if (!session) return undefined
  const onMap = (ip: string | null, place: Place): Place => {
    if (ip === null || place.latitude !== null || place.kind !== 'place') return place
    const { latitude, longitude } = placeAt(ip)
    return { ...place, latitude, longitude }
  }
  const addresses = await addressesOf(db, session)
  return {
    ...session,
    lastPlace: onMap(session.lastIp, session.lastPlace),
    addresses: addresses.map((address) => ({ ...address, place: onMap(address.ip, address.place) })),
    others: await otherSessions(db, session),
    network: (session.lastIp && limitNetworks(session.lastIp)[0]) || null,
    sharedAddressAccounts: await accountsAtAddress(db, session),
  }
}

/** The first and the newest: a session that moves on and on does not hide where it is now. */
async function addressesOf(db: Database, session: Session): Promise<SessionAddress[]> {
  const moves = await db
    .select()
    .from(sessionAddresses)
    .where(eq(sessionAddresses.sessionId, session.id))
    .orderBy(desc(sessionAddresses.firstSeenAt), desc(sessionAddresses.ip))
    .limit(MOVES_SHOWN)
  const first = session.ip ? [{ ip: session.ip, place: session.place, firstSeenAt: session.createdAt }] : []
  return [
    ...first,
    ...moves.reverse().map((move) => ({ ip: move.ip, place: placeOf(move.ip, move), firstSeenAt: move.firstSeenAt })),
  ]
}

/** Index: sessions_account. */
async function otherSessions(db: Database, session: Session): Promise<Session[]> {
  const rows = await selectSessions(db)
    .where(and(eq(sessions.accountId, session.account.id), ne(sessions.id, session.id), isLive))
    .orderBy(desc(sessions.id))
    .limit(OTHERS_SHOWN)
  return rows.map(toSession)
}

/** Index: sessions_live_ip. */
async function accountsAtAddress(db: Database, session: Session): Promise<number> {
  if (!session.lastIp) return 0
  const [row] = await db
    .select({ accounts: countDistinct(sessions.accountId) })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .where(and(sql`${sessions.ip} = ${session.lastIp}::inet`, ne(sessions.accountId, session.account.id), isLive))
  return row?.accounts ?? 0
}
