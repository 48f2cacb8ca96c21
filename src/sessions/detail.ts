import { and, desc, eq, ne } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { sessionAddresses, sessions } from '../db/schema.js'
import { limitNetworks } from '../devices/address.js'
import type { Place } from '../devices/types.js'
import { othersSharing, type Sharing } from './lists/sharedAddress.js'
import { isLive } from './live.js'
import { findSession, placeOf, selectSessions, toSession } from './read.js'
import type { Session, SessionAddress, SessionDetail } from './types.js'

const OTHERS_SHOWN = 20
/** Beside the one of the sign-in. */
const MOVES_SHOWN = 49
const NOBODY: Sharing = { accounts: 0, atLeast: false }

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
    sharing: session.lastIp ? await othersSharing(db, session.lastIp, session.account.id) : NOBODY,
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
