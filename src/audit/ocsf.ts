import { VERSION } from '../version.js'
import { auditSentence, detectedSeverity, sentenceText } from './sentence.js'
import type { AuditAction, AuditEvent } from './types.js'

const SCHEMA = '1.3.0'
/** Identity & Access Management. */
const CATEGORY = { category_uid: 3, category_name: 'Identity & Access Management' }

const CLASSES = { 3001: 'Account Change', 3002: 'Authentication', 3004: 'Entity Management' } as const
type ClassUid = keyof typeof CLASSES

const ACTIVITIES: Record<ClassUid, Record<number, string>> = {
  3001: { 1: 'Create', 2: 'Enable', 3: 'Password Change', 4: 'Password Reset', 5: 'Disable' },
  3002: { 1: 'Logon', 2: 'Logoff' },
  3004: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
}
/** What the class has no number for is named. */
const OTHER = 99

type Class = readonly [ClassUid, number] | readonly [ClassUid, typeof OTHER, string]

const CLASS_OF: Record<AuditAction, Class> = {
  'session.started': [3002, 1],
  'sign-in.refused': [3002, 1],
  'detection.opened': [3002, OTHER, 'Detection'],
  'session.ended': [3002, 2],
  'session.revoked': [3002, 2],
  'account.sessions-revoked': [3002, 2],
  'sessions.revoked': [3002, 2],
  'job.paused': [3004, 3],
  'job.resumed': [3004, 3],
  'account.created': [3001, 1],
  'account.invited': [3001, OTHER, 'Invite'],
  'account.updated': [3001, OTHER, 'Update'],
  'account.role-changed': [3001, OTHER, 'Role Change'],
  'account.blocked': [3001, 5],
  'account.block-lifted': [3001, 2],
  'account.password-changed': [3001, 3],
  'account.password-required': [3001, 4],
  'account.unlocked': [3001, 4],
  'account.note-added': [3001, OTHER, 'Note'],
  'account.note-removed': [3001, OTHER, 'Note Removal'],
  'setup.completed': [3001, 1],
  'network.blocked': [3004, 1],
  'network.block-lifted': [3004, 4],
  'key.created': [3004, 1],
  'key.changed': [3004, 3],
  'key.replaced': [3004, 3],
  'key.revoked': [3004, 4],
  'app.created': [3004, 1],
  'app.changed': [3004, 3],
  'app.disabled': [3004, 3],
  'app.enabled': [3004, 3],
  'app.deleted': [3004, 4],
  'host.added': [3004, 1],
  'host.changed': [3004, 3],
  'host.removed': [3004, 4],
  'webhook.added': [3004, 1],
  'webhook.changed': [3004, 3],
  'webhook.removed': [3004, 4],
  'webhook.disabled': [3004, 3],
  'webhook.enabled': [3004, 3],
  'webhook.secret-rotated': [3004, 3],
  'webhook.replayed': [3004, OTHER, 'Replay'],
  'killswitch.used': [3004, OTHER, 'Sign Out Everyone'],
  'settings.changed': [3004, 3],
  'list.exported': [3004, 2],
  'audit.removed': [3004, 4],
  'view.shared': [3004, 3],
  'view.withdrawn': [3004, 3],
  'access.refused': [3004, OTHER, 'Refused Access'],
}
/** Of an action that this version does not know. */
const UNKNOWN: Class = [3004, OTHER, 'Other']

/** What a responder looks at first. */
const HIGH: AuditAction[] = ['killswitch.used', 'account.unlocked', 'app.disabled']

/**
 * One event of the audit log in the Open Cybersecurity Schema Framework, for a SIEM: Authentication (3002), Account
 * Change (3001), Entity Management (3004). What OCSF has no place for stands under `unmapped`.
 *
 * @see https://schema.ocsf.io/1.3.0/categories/iam
 */
export function toOcsf(event: AuditEvent): object {
  const [classUid, activity, named] = Object.hasOwn(CLASS_OF, event.action) ? CLASS_OF[event.action] : UNKNOWN
  return {
    ...CATEGORY,
    class_uid: classUid,
    class_name: CLASSES[classUid],
    activity_id: activity,
    activity_name: named ?? ACTIVITIES[classUid][activity],
    type_uid: classUid * 100 + activity,
    time: event.at.getTime(),
    ...severityOf(event),
    ...statusOf(event),
    message: sentenceText(auditSentence(event)),
    metadata: {
      version: SCHEMA,
      product: { name: 'Rollcall', vendor_name: 'Rollcall', version: VERSION },
      uid: event.id,
      event_code: event.action,
      log_name: 'audit',
      ...defined({ correlation_uid: event.requestId }),
    },
    actor: actorOf(event),
    ...(event.ip ? { src_endpoint: { ip: event.ip, ...locationOf(event) } } : {}),
    ...subjectOf(classUid, event),
    ...defined({ comment: classUid === 3004 ? event.reason : null }),
    unmapped: { ...defined({ reason: event.reason, position: event.position }), details: event.details },
  }
}

function severityOf(event: AuditEvent) {
  const { action, result } = event
  const detected = detectedSeverity(event)
  if (detected === 'high' || (HIGH.includes(action) && result === 'done')) return { severity_id: 4, severity: 'High' }
  if (detected || result !== 'done') return { severity_id: 3, severity: 'Medium' }
  return { severity_id: 1, severity: 'Informational' }
}

function statusOf({ result, details }: AuditEvent) {
  const why = typeof details['why'] === 'string' ? details['why'] : null
  return result === 'done'
    ? { status_id: 1, status: 'Success' }
    : { status_id: 2, status: 'Failure', ...defined({ status_detail: why ?? result }) }
}

/** Whoever tries to sign in has proved nothing: they are a place that asked, not a user. */
function actorOf({ actor }: AuditEvent): object {
  switch (actor.kind) {
    case 'account':
      return { user: { ...named(actor), type_id: 1, type: 'User' } }
    case 'key':
      return { app_name: actor.name, ...defined({ app_uid: actor.id }) }
    default:
      return { app_name: actor.kind === 'stranger' ? 'Not signed in' : actor.name }
  }
}

const sessionOf = (uid: string | null) => (uid === null ? null : { uid })

/** The user, session and service of what happens to people; the entity of everything else. */
function subjectOf(classUid: ClassUid, event: AuditEvent): object {
  if (classUid === 3004) {
    const { target, details } = event
    const path = typeof details['path'] === 'string' ? details['path'] : 'something'
    const entity = target ? { ...named(target), type: target.kind } : { name: path, type: 'address' }
    return { entity }
  }
  const user = { ...userOf(event), type_id: 1, type: 'User' }
  if (classUid === 3001) return { user }
  const { sessionId, details } = event
  const app = typeof details['app'] === 'string' ? details['app'] : 'Rollcall'
  return { user, service: { name: app }, is_remote: true, ...defined({ session: sessionOf(sessionId) }) }
}

/** Events about a session name its device as their target, and the person beside it. */
function userOf({ target, accountId, details, actor }: AuditEvent): object {
  const beside = typeof details['account'] === 'string' ? details['account'] : undefined
  const name = beside ?? (target?.kind === 'account' ? target.name : actor.kind === 'account' ? actor.name : undefined)
  // Passwords that are sprayed from a network are nobody's in particular.
  const fallback = target?.kind === 'network' ? undefined : target?.name
  return { name: name ?? fallback ?? 'unknown', ...defined({ uid: accountId ?? accountTarget(target) }) }
}

const accountTarget = (target: AuditEvent['target']) => (target?.kind === 'account' ? target.id : null)

const named = ({ id, name }: { id: string | null; name: string }) => ({ name, ...defined({ uid: id }) })

const locationOf = ({ country, city }: AuditEvent) => (country || city ? { location: defined({ country, city }) } : {})

/** OCSF leaves out what is not known. */
const defined = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
