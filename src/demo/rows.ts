import type { InferInsertModel } from 'drizzle-orm'
import { SYSTEM } from '../audit/types.js'
import { BUILT_IN_APP } from '../db/ids.js'
import type { accounts, sessionActivity, sessionAddresses, sessions } from '../db/schema.js'
import type { PlaceAt, Told } from './events.js'
import { methodIn, type Person } from './people.js'

const DAY = 86_400_000
const ABSOLUTE_TIMEOUT = { person: 30 * DAY, admin: DAY / 3 }

/** Ended ones have no token: nobody goes on from them. */
export interface ToldWithToken extends Told {
  token: string
  secretHash: Uint8Array
}

export function accountRow({ id, email, name, role }: Person, since: number): InferInsertModel<typeof accounts> {
  return { id, email, emailKey: email, name, role, generation: 0, createdAt: new Date(since) }
}

export function sessionRow(session: ToldWithToken, placeAt: PlaceAt): InferInsertModel<typeof sessions> {
  const { person, habit, device, app } = session
  const ip = session.addresses[0]?.ip ?? session.lastIp
  const { kind: _kind, ...place } = placeAt(ip)
  return {
    id: session.id,
    secretHash: session.secretHash,
    accountId: person.id,
    appId: app?.id ?? BUILT_IN_APP,
    accountGeneration: 0,
    appGeneration: 0,
    everyoneGeneration: 0,
    createdAt: new Date(session.from),
    expiresAt: new Date(session.from + ABSOLUTE_TIMEOUT[habit.kind === 'panel' ? 'admin' : 'person']),
    method: methodIn(habit.app),
    ip,
    ...place,
    userAgent: habit.device.headers['user-agent'],
    browser: device.browser,
    browserVersion: device.browserVersion,
    os: device.os,
    osVersion: device.osVersion,
    deviceType: device.type,
    deviceModel: device.model,
    ...endOf(session),
  }
}

/** As `endSessions` writes it. */
function endOf({ end, person }: Told) {
  if (!end)
    return { endedAt: null, endReason: null, endNote: null, endedByKind: null, endedById: null, endedByName: null }
  const by = (kind: string, { id, name }: { id: string | null; name: string }, endNote: string | null = null) => ({
    endedAt: new Date(end.at),
    endReason: end.reason,
    endNote,
    endedByKind: kind,
    endedById: id,
    endedByName: name,
  })
  if (end.cut) return by('account', end.cut.by, end.cut.note)
  if (end.reason === 'idle') return by(SYSTEM.kind, { id: null, name: SYSTEM.name })
  return by('account', person)
}

export function activityRow(session: Told, placeAt: PlaceAt): InferInsertModel<typeof sessionActivity> {
  const place = placeAt(session.lastIp)
  return {
    sessionId: session.id,
    lastSeenAt: new Date(session.lastSeen),
    lastIp: session.lastIp,
    lastCountry: place.country,
    lastCity: place.city,
    lastNetworkOwner: place.networkOwner,
    requests: session.requests,
    open: !session.end,
  }
}

/** Those that it moved to; the sign-in's own is in its row. */
export function addressRows(session: Told, placeAt: PlaceAt): InferInsertModel<typeof sessionAddresses>[] {
  return session.addresses.slice(1).map(({ ip, at }) => {
    const { country, city, asn, networkOwner } = placeAt(ip)
    return { sessionId: session.id, ip, country, city, asn, networkOwner, firstSeenAt: new Date(at) }
  })
}
