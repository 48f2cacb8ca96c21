import type { InferInsertModel } from 'drizzle-orm'
import { newLinkToken } from '../accounts/passwords/links.js'
import { type AccountId, type BlockId, newId } from '../db/ids.js'
import type { accounts, blocks, invitations } from '../db/schema.js'
import type { RelyingApp } from './apps.js'
import { busyMoment } from './day.js'
import { type EventRow, event, person, rollcall } from './events.js'
import { emailFor } from './names.js'
import { HOSTING } from './networks.js'
import type { Cut, PastSession } from './past.js'
import type { Person } from './people.js'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

/** Who is whom in the story. */
export function cast(people: readonly Person[]) {
  const named = (name: string): Person => {
    const found = people.find((one) => one.name === name)
    if (!found) throw new Error(`the demo has no ${name}`)
    return found
  }
  return {
    ada: named('Ada Byrne'),
    jonas: named('Jonas Weber'),
    mara: named('Mara Lindqvist'),
    marta: named('Marta Kowalczyk'),
    victor: named('Victor Hale'),
    kofi: named('Kofi Mensah'),
    leila: named('Leila Haddadi'),
    priya: named('Priya Raman'),
    tomas: named('Tomás Silva'),
  }
}

const NOTES = [
  'Lost phone',
  'Asked for by phone',
  'Left signed in on a shared computer',
  'Unknown address',
  'Old phone sold',
]

/** What admins ended in the two weeks before, by the e-mail address of those whom it hit. */
export function cutsOf(people: readonly Person[], now: number): Map<string, Cut[]> {
  const { ada, jonas, marta, victor, kofi, leila } = cast(people)
  const cut = (
    who: Person,
    ago: number,
    lasts: number,
    reason: Cut['reason'],
    by: Person,
    note: string,
  ): [string, Cut[]] => {
    const from = busyMoment(who, now, ago)
    return [who.email, [{ from, to: from + lasts, reason, by, note }]]
  }
  const cuts = new Map([
    cut(marta, 20 * HOUR, Number.POSITIVE_INFINITY, 'blocked', ada, 'Compromised'),
    cut(victor, 6.5 * DAY, Number.POSITIVE_INFINITY, 'blocked', jonas, 'Shared his password'),
    cut(kofi, 22 * HOUR, 42 * MINUTE, 'blocked', jonas, 'Compromised'),
    cut(leila, 1.5 * HOUR, 12 * MINUTE, 'revoked', ada, 'Left her laptop on a train'),
  ])
  people
    .filter(({ email, habits }) => !cuts.has(email) && habits.some(({ kind }) => kind === 'pocket'))
    .filter((_, n) => n % 17 === 5)
    .forEach(({ email }, n) => {
      const from = now - (n * 1.43 + 0.13) * DAY
      const note = NOTES[n % NOTES.length] ?? ''
      cuts.set(email, [
        { from, to: from + 4 * MINUTE, reason: 'revoked', by: n % 3 ? jonas : ada, note, app: 'Mobile' },
      ])
    })
  return cuts
}

export interface AdminPast {
  events: EventRow[]
  blocks: InferInsertModel<typeof blocks>[]
  invited: InferInsertModel<typeof accounts>[]
  invitations: InferInsertModel<typeof invitations>[]
}

/** What the admins did: the lines of the audit log, and what is left of it. */
export function adminPast(
  people: readonly Person[],
  cuts: Map<string, Cut[]>,
  sessions: readonly PastSession[],
  apps: readonly RelyingApp[],
  now: number,
): AdminPast {
  const { ada, jonas, mara } = cast(people)
  const past: AdminPast = { events: [], blocks: [], invited: [], invitations: [] }
  const did = (
    ago: number,
    who: Person,
    ...rest: Parameters<typeof event> extends [number, unknown, ...infer R] ? R : never
  ) => past.events.push(event(now - ago, person(who, who.role === 'owner' ? who.home : who.office), ...rest))

  for (const { name, id, key } of apps) {
    did(13.9 * DAY, ada, 'app.created', { target: { kind: 'app', id, name } })
    did(13.8 * DAY, ada, 'key.created', {
      target: { kind: 'key', id: key.id, name: key.name },
      details: {
        after: { app: name, scopes: ['sessions:write', 'sessions:verify', 'sessions:read'], expiresAt: null },
      },
    })
  }
  for (const [who, ago] of [
    [jonas, 13.5],
    [mara, 12.2],
  ] as const) {
    did(ago * DAY, ada, 'account.role-changed', {
      target: { kind: 'account', id: who.id, name: who.name },
      accountId: who.id,
      details: { before: { role: 'person' }, after: { role: who.role }, ended: 0 },
    })
  }
  did(11.1 * DAY, ada, 'settings.changed', {
    target: { kind: 'settings', id: null, name: 'Settings' },
    details: { before: { contact: 'your administrator' }, after: { contact: CONTACT } },
  })
  did(5.2 * DAY, mara, 'access.refused', {
    result: 'refused',
    accountId: mara.id,
    details: { method: 'POST', path: '/admin/sessions/revoke', needed: 'responder', has: 'viewer' },
  })

  for (const [email, list] of cuts) {
    const who = people.find((one) => one.email === email)
    for (const cut of who ? list : []) if (who && !cut.app) tellCut(past, who, cut, sessions, now)
  }
  network(past, jonas, HOSTING.blocked, 'Password spraying', now - 9 * DAY + 50 * MINUTE, null, now)
  network(past, ada, HOSTING.blockedOnce, 'Scraping the staff directory', now - 6 * DAY, now - 3 * DAY, now)
  invite(past, ada, 'Hana Kim', 'viewer', now - 26 * HOUR)
  invite(past, ada, 'Lucas Moreau', 'person', now - 3 * HOUR)
  return past
}

export const CONTACT = 'the Northwind service desk'

function tellCut(past: AdminPast, who: Person, cut: Cut, sessions: readonly PastSession[], now: number) {
  const ended = sessions.filter(({ person: owner, end }) => owner === who && end?.cut === cut).length
  const by = person(cut.by, cut.by.role === 'owner' ? cut.by.home : cut.by.office)
  const about = { target: { kind: 'account', id: who.id, name: who.name }, accountId: who.id }
  if (cut.reason === 'revoked') {
    past.events.push(
      event(cut.from, by, 'account.sessions-revoked', { ...about, reason: cut.note, details: { ended } }),
    )
    return
  }
  const lifted = Number.isFinite(cut.to)
  // The one that is still in force without an end in sight, and the one that ends today.
  const until = lifted || cut.from > now - 6 * DAY ? null : new Date(now + 5 * HOUR)
  const terms = { reason: cut.note, message: null, until: until?.toISOString() ?? null }
  past.events.push(
    event(cut.from, by, 'account.blocked', { ...about, reason: cut.note, details: { after: terms, ended } }),
  )
  past.blocks.push({
    ...blockRow(cut.by, cut.note, cut.from, until),
    kind: 'account',
    accountId: who.id,
    network: null,
    ended,
    ...(lifted ? { liftedAt: new Date(cut.to), liftedByName: cut.by.name, liftReason: MISTAKE } : NOT_LIFTED),
  })
  if (!lifted) return
  const before = { reason: cut.note, until: null }
  past.events.push(event(cut.to, by, 'account.block-lifted', { ...about, reason: MISTAKE, details: { before } }))
}

const MISTAKE = 'It was him: a new phone'

function network(
  past: AdminPast,
  by: Person,
  name: string,
  reason: string,
  from: number,
  until: number | null,
  now: number,
) {
  const target = { kind: 'network', id: name, name }
  const end = until === null ? null : new Date(until)
  const terms = { reason, message: null, until: end?.toISOString() ?? null }
  past.events.push(
    event(from, person(by, by.office), 'network.blocked', { target, reason, details: { after: terms, ended: 0 } }),
  )
  const over = until !== null && until < now
  past.blocks.push({
    ...blockRow(by, reason, from, end),
    kind: 'network',
    accountId: null,
    network: name,
    ended: 0,
    ...(over ? { liftedAt: end, liftedByName: rollcall.actorName, liftReason: RAN_OUT } : NOT_LIFTED),
  })
  if (!over) return
  const before = { reason, until: terms.until }
  past.events.push(event(until, rollcall, 'network.block-lifted', { target, reason: RAN_OUT, details: { before } }))
}

const RAN_OUT = 'Its time was over'
const NOT_LIFTED = { liftedAt: null, liftedByName: null, liftReason: null }

const blockRow = (by: Person, reason: string, from: number, until: Date | null) => ({
  id: newId<BlockId>(new Date(from)),
  reason,
  message: null,
  until,
  createdAt: new Date(from),
  createdByKind: 'account',
  createdById: by.id,
  createdByName: by.name,
})

function invite(past: AdminPast, by: Person, name: string, role: 'person' | 'viewer', at: number) {
  const [id, email] = [newId<AccountId>(new Date(at)), emailFor(name)]
  past.invited.push({ id, email, emailKey: email, name, role, generation: 0, createdAt: new Date(at) })
  past.invitations.push({
    tokenHash: newLinkToken().hash,
    accountId: id,
    emailKey: email,
    createdAt: new Date(at),
    expiresAt: new Date(at + 7 * DAY),
  })
  past.events.push(
    event(at, person(by, by.home), 'account.invited', {
      target: { kind: 'account', id, name },
      accountId: id,
      details: { after: { email, name, role } },
    }),
  )
}
