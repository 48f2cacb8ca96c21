import type { InferInsertModel } from 'drizzle-orm'
import type { AuditAction } from '../audit/types.js'
import { SYSTEM } from '../audit/types.js'
import { type AccountId, type AuditEventId, newId, type SessionId } from '../db/ids.js'
import type { auditEvents } from '../db/schema.js'
import type { Device, Place } from '../devices/types.js'
import { deviceText } from '../devices/words.js'
import type { RelyingApp } from './apps.js'
import type { PastSession } from './past.js'
import { methodIn, type Person } from './people.js'

export type EventRow = InferInsertModel<typeof auditEvents>
export type PlaceAt = (ip: string) => Place

/** A session with what its rows need to be known by. */
export interface Told extends PastSession {
  id: SessionId
  device: Device
  /** The app whose backend speaks for it; none for the built-in site. */
  app: RelyingApp | undefined
}

export type Who = Pick<EventRow, 'actorKind' | 'actorId' | 'actorName'> & { ip?: string | null }
export const person = ({ id, name }: Pick<Person, 'id' | 'name'>, ip: string | null = null): Who => ({
  actorKind: 'account',
  actorId: id,
  actorName: name,
  ip,
})
export const rollcall: Who = { actorKind: SYSTEM.kind, actorId: null, actorName: SYSTEM.name }
const backend = ({ key }: RelyingApp, ip: string | null): Who => ({
  actorKind: 'key',
  actorId: key.id,
  actorName: key.name,
  ip,
})
/** The apps run on this very machine. */
const SERVER_IP = '127.0.0.1'
const stranger = (email: string, ip: string): Who => ({ actorKind: 'stranger', actorId: null, actorName: email, ip })

/** One line of the audit log as `recordAudit` would have written it then. */
export function event(
  at: number,
  who: Who,
  action: AuditAction,
  what: Partial<Omit<EventRow, 'at' | 'action'>> & { target?: { kind: string; id: string | null; name: string } } = {},
  place?: Place,
): EventRow {
  const { target, ...rest } = what
  return {
    id: newId<AuditEventId>(new Date(at)),
    at: new Date(at),
    action,
    result: 'done',
    ...who,
    ip: who.ip ?? null,
    country: place?.country ?? null,
    city: place?.city ?? null,
    targetKind: target?.kind ?? null,
    targetId: target?.id ?? null,
    targetName: target?.name ?? null,
    accountId: null,
    sessionId: null,
    reason: null,
    details: {},
    requestId: null,
    ...rest,
  }
}

/** The lines that a session leaves: its beginning, and its end where somebody ended it. */
export function sessionEvents(session: Told, placeAt: PlaceAt): EventRow[] {
  const { id, person: owner, app, device, habit, end } = session
  const ip = session.addresses[0]?.ip ?? null
  const about = { target: { kind: 'session', id, name: deviceText(device) }, accountId: owner.id, sessionId: id }
  const signedIn = { method: methodIn(habit.app), app: habit.app, account: owner.name }
  const began = event(
    session.from,
    app ? backend(app, ip) : person(owner, ip),
    'session.started',
    { ...about, details: { ...signedIn, ...(app ? { serverIp: SERVER_IP } : {}) } },
    ip === null ? undefined : placeAt(ip),
  )
  const ended = { account: owner.name, device: deviceText(device), ip: session.lastIp, app: habit.app }
  if (end?.reason === 'signed-out') {
    const told = app && { why: end.reason, key: { id: app.key.id, name: app.key.name } }
    const details = { ...ended, ...told }
    return [began, event(end.at, person(owner, session.lastIp), 'session.ended', { ...about, details })]
  }
  if (end?.cut?.reason === 'revoked' && end.cut.app) {
    return [
      began,
      event(end.at, person(end.cut.by, end.cut.by.office), 'session.revoked', {
        ...about,
        reason: end.cut.note,
        details: ended,
      }),
    ]
  }
  return [began]
}

export function refusal(
  at: number,
  email: string,
  ip: string,
  account: { id: AccountId; name: string } | undefined,
  why: 'wrong-password' | 'unknown-account',
  placeAt: PlaceAt,
): EventRow {
  const known = account && { target: { kind: 'account', id: account.id, name: account.name }, accountId: account.id }
  return event(
    at,
    stranger(email, ip),
    'sign-in.refused',
    { result: 'refused', ...known, details: { why } },
    placeAt(ip),
  )
}
