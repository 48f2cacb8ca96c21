import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { newId, type SessionId } from '../db/ids.js'
import { insertAll } from '../db/insertAll.js'
import * as tables from '../db/schema.js'
import { readDevice } from '../devices/device.js'
import type { Device } from '../devices/types.js'
import { newToken } from '../sessions/token.js'
import { adminPast, CONTACT, cast, cutsOf } from './admins.js'
import { appRows, inventApps, keyRows, type RelyingApp } from './apps.js'
import { intruder, mistypes, pastAttacks } from './attacks.js'
import { countQuarters } from './counts.js'
import type { DemoDevice } from './devices.js'
import { type PlaceAt, sessionEvents } from './events.js'
import { type PastSession, pastOf } from './past.js'
import type { Habit, Person } from './people.js'
import { accountRow, activityRow, addressRows, sessionRow, type ToldWithToken } from './rows.js'

const DAY = 86_400_000
/** Two weeks are told; before them is a warm-up, so that they do not begin with everyone signing in. */
const TOLD = 14 * DAY
const WARM_UP = 2 * DAY

/** What the live simulation goes on from. */
export interface History {
  apps: RelyingApp[]
  /** Sessions that are live, with their tokens. */
  open: { person: Person; habit: Habit; id: SessionId; token: string }[]
}

/**
 * Fills a fresh database with the company and its last two weeks, in a few bulk statements.
 *
 * @param hashes of the owner's password and of the one that all others share: 200 of their own would take a minute
 */
export async function backfill(
  db: Database,
  people: readonly Person[],
  now: number,
  hashes: { owner: string; staff: string },
  placeAt: PlaceAt,
): Promise<History> {
  const apps = inventApps(new Date(now - 13.9 * DAY))
  const cuts = cutsOf(people, now)
  const inUse = new Map<string, { from: number; to: number }[]>()
  const past = people.flatMap((person) =>
    person.habits.flatMap((habit) => {
      // The owner is whoever watches the demo: no browser of theirs is in the panel but the real one.
      const until = person.role === 'owner' && habit.kind === 'panel' ? now - 3_600_000 : now
      const { sessions, visits } = pastOf(person, habit, now - TOLD - WARM_UP, until, cuts.get(person.email))
      inUse.set(person.email, [...(inUse.get(person.email) ?? []), ...visits])
      return sessions
    }),
  )
  const told = [...past, intruder(cast(people).priya, now)]
    .filter(({ end }) => !end || end.at > now - TOLD)
    .map((session) => tell(session, apps))
  const admins = adminPast(people, cuts, told, apps, now)
  const failures = [...mistypes(told, placeAt), ...pastAttacks(people, now, placeAt)]
  const events = [...told.flatMap((session) => sessionEvents(session, placeAt)), ...failures, ...admins.events]
    .filter(({ at }) => at && at.getTime() > now - TOLD)
    .sort((a, b) => (a.id < b.id ? -1 : 1))

  await db.transaction(async (tx) => {
    await insertAll(tx, tables.accounts, [
      ...people.map((person, n) => accountRow(person, now - 40 * DAY + n * 3_600_000)),
      ...admins.invited,
    ])
    await insertAll(
      tx,
      tables.credentials,
      people.map((person) => ({
        accountId: person.id,
        passwordHash: person.role === 'owner' ? hashes.owner : hashes.staff,
        changedAt: new Date(now - 20 * DAY),
      })),
    )
    await insertAll(tx, tables.invitations, admins.invitations)
    await insertAll(tx, tables.apps, appRows(apps, new Date(now - 13.9 * DAY)))
    await insertAll(tx, tables.apiKeys, keyRows(apps, new Date(now - 13.8 * DAY), cast(people).ada.name))
    await insertAll(
      tx,
      tables.sessions,
      told.map((session) => sessionRow(session, placeAt)),
    )
    await insertAll(
      tx,
      tables.sessionActivity,
      told.map((session) => activityRow(session, placeAt)),
    )
    await insertAll(
      tx,
      tables.sessionAddresses,
      told.flatMap((session) => addressRows(session, placeAt)),
    )
    await insertAll(tx, tables.blocks, admins.blocks)
    await insertAll(tx, tables.auditEvents, events)
    await insertAll(tx, tables.sessionCounts, countQuarters(told, failures, inUse, now - TOLD, now))
    await tx.update(tables.settings).set({ contact: CONTACT }).where(eq(tables.settings.id, 1))
  })
  const open = told.filter(({ end }) => !end).map(({ person, habit, id, token }) => ({ person, habit, id, token }))
  return { apps, open }
}

function tell(session: PastSession, apps: readonly RelyingApp[]): ToldWithToken {
  const id = newId<SessionId>(new Date(session.from))
  const app = apps.find(({ name }) => name === session.habit.app)
  const ended = { token: '', secretHash: randomBytes(32) }
  return { ...session, id, app, device: deviceOf(session.habit.device), ...(session.end ? ended : newToken(id)) }
}

const devices = new Map<DemoDevice, Device>()

function deviceOf(device: DemoDevice): Device {
  const known = devices.get(device)
  if (known) return known
  const read = readDevice({ userAgent: device.headers['user-agent'], get: (name) => device.headers[name] })
  devices.set(device, read)
  return read
}
