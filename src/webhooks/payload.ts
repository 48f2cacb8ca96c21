import { z } from 'zod'
import { AUDIT_ACTIONS, type AuditAction } from '../audit/types.js'
import { EVENT_OF, type MessageType } from './events.js'

const Who = z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() })
const Account = z.object({ id: z.string(), email: z.string().nullable(), name: z.string() })
const App = z.object({ id: z.string(), name: z.string() })
const Text = z.string().nullable()
const Place = { ip: Text, country: Text, city: Text, browser: Text, os: Text, device: Text, method: Text }

/** What the trigger on `sessions` writes of one that is over. */
const Ended = z.object({
  id: z.string(),
  reason: z.string(),
  note: Text,
  by: Who,
  app: App,
  account: Account,
  ...Place,
})
const EndedMany = z.object({
  reason: z.string(),
  note: Text,
  by: Who,
  sessions: z.array(z.object({ id: z.string(), account: z.string() })),
})
/** What the trigger on `audit_events` writes of one line. */
const Act = z.object({
  action: z.enum(AUDIT_ACTIONS),
  reason: Text,
  details: z.record(z.string(), z.unknown()),
  by: Who,
  target: z.object({ kind: Text, id: Text, name: Text }),
  account: Account.nullable(),
  session: z.object({ id: z.string(), app: App, ...Place }).nullable(),
})

export interface Told {
  source: 'audit' | 'ended' | 'ended-many' | 'test'
  facts: unknown
  at: Date
}

export interface Payload {
  type: MessageType
  timestamp: string
  data: Record<string, unknown>
}

/** What is sent of an event: the same at each attempt. */
export function payloadOf({ source, facts, at }: Told): Payload {
  if (source === 'test') return testPayload(at)
  const timestamp = at.toISOString()
  if (source === 'ended') {
    const { account, by, reason, note, ...session } = Ended.parse(facts)
    return { type: 'session.ended', timestamp, data: { session, account, reason, note, by } }
  }
  if (source === 'ended-many') return { type: 'session.ended_many', timestamp, data: EndedMany.parse(facts) }
  const act = Act.parse(facts)
  const type = EVENT_OF[act.action]
  if (!type) throw new Error(`${act.action} is no event`)
  return { type, timestamp, data: dataOf(act) }
}

/** The type alone, for lists. */
export const typeOf = (source: Told['source'], action: AuditAction | null): MessageType => {
  if (source === 'test') return 'rollcall.test'
  if (source === 'ended') return 'session.ended'
  if (source === 'ended-many') return 'session.ended_many'
  return (action && EVENT_OF[action]) ?? 'rollcall.test'
}

function dataOf({ action, reason, details, by, target, account, session }: z.infer<typeof Act>): Payload['data'] {
  if (action === 'session.started') return { session, account, by }
  if (action === 'detection.opened') {
    const { rule, severity, evidence, ip } = details
    const network = target.kind === 'network' ? target.id : null
    return { rule, severity, evidence, account, session, network, ip, by }
  }
  const { ended, more, before, after, filter, confirmed } = details
  return {
    by,
    reason,
    ...(account ? { account } : {}),
    ...(target.kind && target.kind !== 'account' ? { target } : {}),
    ...defined({ sessionsEnded: ended, more, before, after, filter, confirmed }),
  }
}

const defined = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** What the button sends. */
export const testPayload = (at: Date): Payload => ({
  type: 'rollcall.test',
  timestamp: at.toISOString(),
  data: { message: 'This is a test from Rollcall. Nothing has happened.' },
})
