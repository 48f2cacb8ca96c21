import { type Visit, visitsOn } from './day.js'
import type { DemoApp, Habit, Person } from './people.js'
import { createRandom } from './random.js'

const DAY = 86_400_000
const MINUTE = 60_000

/** A session as the visits to one browser made it. Times are milliseconds since 1970. */
export interface PastSession {
  person: Person
  habit: Habit
  from: number
  lastSeen: number
  requests: number
  /** The sign-in's own first; then each other one, once, with when it was first seen. */
  addresses: { ip: string; at: number }[]
  lastIp: string
  /** Null while it is live. */
  end: { at: number; reason: 'signed-out' | 'idle' | 'replaced' | Cut['reason']; cut?: Cut } | null
}

/** Somebody else ends what a person has open, and keeps them out for a while. */
export interface Cut {
  from: number
  /** Infinity: they are still out. */
  to: number
  reason: 'blocked' | 'revoked'
  by: Person
  /** What the admin wrote. */
  note: string
  /** Only this app's sessions. */
  app?: DemoApp
}

export interface Past {
  sessions: PastSession[]
  /** When the browser was in use. */
  visits: Visit[]
}

/** Seconds do not matter to the past: after so long without use a session is over. */
const idleAfter = (habit: Habit) => (habit.kind === 'panel' ? 15 * MINUTE : DAY)

/**
 * What one browser did from `since` until `now`: visits in a row share a session until somebody signs out, is blocked or
 * stays away for too long.
 */
export function pastOf(person: Person, habit: Habit, since: number, now: number, cuts: readonly Cut[] = []): Past {
  const own = cuts.filter(({ app }) => app === undefined || app === habit.app)
  const visits = visitsBetween(person, habit, since, now).flatMap((visit) => withoutCuts(visit, own))
  const anew = habit.kind === 'pocket' ? newPhoneDay(person, since, now) : undefined
  const sessions: PastSession[] = []
  let open: PastSession | undefined
  const close = (session: PastSession, end: NonNullable<PastSession['end']>) => {
    session.end = end
    open = undefined
  }
  const closeIfOver = (at: number) => {
    const cut = open && own.find(({ from }) => from >= (open?.lastSeen ?? 0) && from <= at)
    const idleAt = open ? open.lastSeen + idleAfter(habit) : 0
    if (open && cut && cut.from < idleAt) close(open, { at: cut.from, reason: cut.reason, cut })
    else if (open && idleAt <= at) close(open, { at: idleAt, reason: 'idle' })
  }

  for (const visit of visits) {
    closeIfOver(visit.from)
    if (open && anew !== undefined && open.from < anew && visit.from >= anew)
      close(open, { at: visit.from, reason: 'replaced' })
    if (open) use(open, visit, now)
    else {
      open = begin(person, habit, visit, now)
      sessions.push(open)
    }
    if (visit.signsOut && visit.to <= now) close(open, { at: visit.to, reason: 'signed-out' })
  }
  closeIfOver(now)
  return { sessions, visits }
}

/** Up to where somebody else ended it; nothing of it while they are kept out. */
function withoutCuts(visit: Visit, cuts: readonly Cut[]): Visit[] {
  const cut = cuts.find(({ from, to }) => visit.from < to && visit.to > from)
  if (!cut) return [visit]
  return visit.from < cut.from ? [{ ...visit, to: cut.from, signsOut: false }] : []
}

function visitsBetween(person: Person, habit: Habit, since: number, until: number): Visit[] {
  const visits: Visit[] = []
  for (let day = Math.floor(since / DAY) * DAY - DAY; day <= until + DAY; day += DAY) {
    visits.push(...visitsOn(person, habit, day).filter((visit) => visit.from >= since && visit.from <= until))
  }
  return visits
}

/** Phones stay signed in for weeks; once in the time that is told, each was signed in anew. */
function newPhoneDay(person: Person, since: number, now: number): number {
  return createRandom(`anew|${person.email}`).between(since, now - DAY / 2)
}

function begin(person: Person, habit: Habit, visit: Visit, until: number): PastSession {
  const session: PastSession = {
    person,
    habit,
    from: visit.from,
    lastSeen: visit.from,
    requests: 1,
    addresses: [{ ip: visit.ip, at: visit.from }],
    lastIp: visit.ip,
    end: null,
  }
  use(session, visit, until)
  return session
}

function use(session: PastSession, visit: Visit, until: number) {
  const to = Math.min(visit.to, until)
  session.lastSeen = to
  session.lastIp = visit.ip
  session.requests += Math.floor((to - visit.from) / (40_000 + (visit.from % 30_000)))
  if (!session.addresses.some(({ ip }) => ip === visit.ip)) session.addresses.push({ ip: visit.ip, at: visit.from })
}
