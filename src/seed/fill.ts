import { sql } from 'drizzle-orm'
import type { Bulk, OpenDatabase } from '../db/connect.js'
import type { Place } from '../devices/types.js'
import { createCalendar, type SeedHour } from './calendar.js'
import { createCatalog } from './catalog.js'
import { copyField as field } from './copyText.js'
import { idAt } from './ids.js'
import { createDice, createPeople } from './people.js'
import { ACTIVITY_COLUMNS, createRows, SESSION_COLUMNS } from './rows.js'
import { withoutIndexes } from './withoutIndexes.js'

export interface SeedSize {
  /** Live ones. */
  sessions: number
  ended: number
  accounts: number
  days: number
}

/** The database is somebody's already. */
export class NotEmpty extends Error {}

const APPS = ['Console', 'Billing', 'Mobile', 'Warehouse', 'Support', 'Wiki', 'Payroll', 'Storefront']
/** Rows that are written to one table before it is the other's turn. */
const CHUNK = 100_000
/** Rows that are made while the database writes the ones before. */
const PIECE = 500

/**
 * Fills an empty database with people and their sessions, in one transaction: all of it is there in the end, or nothing.
 *
 * @throws NotEmpty when somebody has signed in to it before
 */
export async function fill(
  database: OpenDatabase,
  size: SeedSize,
  placeAt: (ip: string) => Place,
  tell: (line: string) => void,
): Promise<void> {
  await database.bulk(async (bulk) => {
    const [there] = await bulk.run<{ some: boolean; now: string }>(
      sql`select exists (select 1 from sessions) or (select count(*) from apps) > 1 as some, now()::text as now`,
    )
    if (!there || there.some) throw new NotEmpty()
    const now = new Date(there.now).getTime()
    const apps = await makeApps(bulk, size.days, now)
    const people = createPeople(createCatalog(placeAt), size.accounts, apps.length, now)
    await withoutIndexes(bulk, ['accounts', 'sessions', 'session_activity'], tell, async () => {
      await copyAccounts(bulk, people)
      tell(`${people.count.toLocaleString('en')} accounts`)
      await copySessions(bulk, size, createRows({ people, apps, now, random: createDice(1) }), now, tell)
    })
    await tally(bulk)
    await rollUp(bulk)
  })
  await database.bulk((bulk) => bulk.run(sql`analyze`))
}

/** Long sessions: what is live now is live in a month too, as far as time alone decides. */
async function makeApps(bulk: Bulk, days: number, now: number): Promise<string[]> {
  const since = now - days * 86_400_000
  const apps = APPS.map((name, n) => ({ name, id: idAt(since + n, n * 7_654_321, n) }))
  for (const { id, name } of apps) {
    await bulk.run(sql`
      insert into apps (id, name, generation, created_at, idle_timeout, absolute_timeout)
      values (${id}, ${name}, 0, ${new Date(since).toISOString()}, ${60 * 86_400}, ${365 * 86_400})`)
  }
  return apps.map(({ id }) => id)
}

async function copyAccounts(bulk: Bulk, people: ReturnType<typeof createPeople>): Promise<void> {
  await bulk.copy('accounts (id,email,email_key,name,role,generation,created_at)', lines())

  function* lines() {
    for (let start = 0; start < people.count; start += 1_000) {
      let some = ''
      for (let n = start; n < Math.min(start + 1_000, people.count); n++) {
        const { id, name, email, createdAt } = people.nameAndEmail(n)
        some += `${id}\t${field(email)}\t${field(email)}\t${field(name)}\tperson\t0\t${createdAt.toISOString()}\n`
      }
      yield some
    }
  }
}

async function copySessions(
  bulk: Bulk,
  size: SeedSize,
  rowsOf: ReturnType<typeof createRows>,
  now: number,
  tell: (line: string) => void,
): Promise<void> {
  const pieces = createCalendar(size.sessions, size.ended, size.days, now).flatMap(inPieces)
  const total = size.sessions + size.ended
  let activity: string[] = []
  let done = 0
  let told = 0
  for (let next = 0; next < pieces.length; ) {
    await bulk.copy(`sessions (${SESSION_COLUMNS})`, rows())
    await bulk.copy(`session_activity (${ACTIVITY_COLUMNS})`, activity)
    activity = []
    if (done - told < total / 10 && next < pieces.length) continue
    told = done
    tell(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} sessions`)

    function* rows() {
      for (const until = done + CHUNK; next < pieces.length && done < until; next++) {
        const piece = pieces[next] as SeedHour
        const lines = rowsOf(piece)
        activity.push(lines.activity)
        done += piece.live + piece.ended
        yield lines.sessions
      }
    }
  }
}

function inPieces(hour: SeedHour): SeedHour[] {
  const pieces = Math.max(1, Math.ceil((hour.live + hour.ended) / PIECE))
  const piece = (all: number, n: number) => Math.floor((all * (n + 1)) / pieces) - Math.floor((all * n) / pieces)
  return Array.from({ length: pieces }, (_, n) => ({
    at: hour.at + (hour.lasts * n) / pieces,
    lasts: hour.lasts / pieces,
    live: piece(hour.live, n),
    ended: piece(hour.ended, n),
  }))
}

/** What the triggers would have counted, as one change each. */
async function tally(bulk: Bulk): Promise<void> {
  await bulk.run(sql`
    insert into session_changes (n, ended, app_id, country, browser, os, device_type, method, city, latitude, longitude)
    select count(*), 0, app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
    from sessions where ended_at is null group by app_id, country, browser, os, device_type, method, city
    union all
    select 0, count(*), app_id, country, browser, os, device_type, method, null, null, null
    from sessions where ended_at is not null group by app_id, country, browser, os, device_type, method`)
}

/** What the charts draw, as the running server would have written it each quarter of an hour. */
async function rollUp(bulk: Bulk): Promise<void> {
  await bulk.run(sql`
    insert into session_counts (at, live, online, sign_ins, failures, ended)
    select at, greatest(live, 0), (greatest(live, 0) * 0.05 * (0.3 + sign_ins::float8 / greatest(max(sign_ins) over (), 1)))::int, sign_ins,
           (sign_ins * 0.03)::int, ended
    from (
      select at, sum(began)::int as sign_ins, sum(over)::int as ended, sum(sum(began) - sum(over)) over (order by at)::int as live
      from (
        select date_bin('15 minutes', created_at, 'epoch') as at, count(*) as began, 0 as over from sessions group by 1
        union all
        select date_bin('15 minutes', ended_at, 'epoch'), 0, count(*) from sessions where ended_at is not null group by 1
      ) changes group by at
    ) quarters`)
}
