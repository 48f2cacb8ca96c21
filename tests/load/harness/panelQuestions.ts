import { sql } from 'drizzle-orm'
import { type Database, type OpenDatabase, rowsOf } from '../../../src/db/connect.js'
import { idFloor } from '../../../src/db/ids.js'
import { writeCursor } from '../../../src/db/page.js'
import { createRandom } from '../../../src/demo/random.js'
import { TALLIED } from '../../../src/sessions/lists/tallies.js'
import type { Question } from './panelRequests.js'

export interface Group {
  what: string
  /** Wanted p95, ms, of each kind of database. */
  most: Partial<Record<OpenDatabase['kind'], number>>
  as: 'page' | 'key'
  questions: Question[]
  /** Asked before anything is measured: a server that runs has compiled what it does. */
  warmUp: Question[]
}

type Asked = Omit<Group, 'warmUp'>

const WARM_UP = 50
/** Of the embedded database, lists and searches alone are promised. */
const EMBEDDED_MOST = 150

const random = createRandom('panel')

/** What an admin asks: first and deep pages, filters alone and together, whether they meet or not, searches, acts. */
export async function panelQuestions(db: Database, wanted: number): Promise<Group[]> {
  const groups = await questionsOf(db, WARM_UP + wanted)
  return groups.map(({ questions, ...group }) => ({
    ...group,
    warmUp: questions.slice(0, WARM_UP),
    questions: questions.slice(WARM_UP),
  }))
}

async function questionsOf(db: Database, count: number): Promise<Asked[]> {
  const values = await valuesOf(db)
  const many = (make: () => Record<string, string>) => Array.from({ length: count }, make)
  const value = (name: string) => ({ [name]: random.pick(values.get(name) ?? ['unknown']) })
  const some = (names: number) => {
    const chosen = [...TALLIED].sort(() => random.next() - 0.5).slice(0, names)
    return Object.assign({}, ...chosen.map(value)) as Record<string, string>
  }
  const lists: [string, number, Record<string, string>[]][] = [
    ['no filter', 0, many(() => ({}))],
    ['one filter', 0, many(() => some(1))],
    ['two filters, whether they meet or not', 0, many(() => some(2))],
    ['three and four filters', 150, many(() => some(random.chance(0.7) ? 3 : 4))],
    ['what has ended, with no filter', 0, many(() => ({ state: 'ended' }))],
  ]
  const searches = await searchesOf(db, count)
  return [
    ...lists.flatMap(([what, most, filters]): Asked[] => [
      {
        what: `list as JSON: ${what}`,
        most: { postgres: most || 30, pglite: EMBEDDED_MOST },
        as: 'key',
        questions: filters.map(paged('/api/v1/sessions')),
      },
      {
        what: `list as a page: ${what}`,
        most: { postgres: most || 50, pglite: EMBEDDED_MOST },
        as: 'page',
        questions: filters.map(paged('/admin/sessions')),
      },
    ]),
    {
      what: 'search sessions: e-mail, name, address, network, id',
      most: { postgres: 60, pglite: EMBEDDED_MOST },
      as: 'page',
      questions: searches.map((q) => asked('/admin/sessions')({ q })),
    },
    {
      what: 'search accounts: e-mail, name',
      most: { postgres: 60, pglite: EMBEDDED_MOST },
      as: 'page',
      questions: searches.slice(0, count).map((q) => asked('/admin/accounts')({ q })),
    },
    {
      what: 'overview with charts',
      most: { postgres: 80 },
      as: 'page',
      questions: many(() => ({})).map(asked('/admin')),
    },
    ...(await acts(db, count)),
  ]
}

const asked =
  (path: string) =>
  (filter: Record<string, string>): Question => ({ method: 'GET', path: `${path}?${new URLSearchParams(filter)}` })

async function valuesOf(db: Database): Promise<Map<string, string[]>> {
  const rows = rowsOf<{ kind: string; a: string }>(
    await db.execute(sql`
      select kind, a from session_tallies where kind = any(${`{${TALLIED.join(',')}}`}::text[]) and n > 0
      order by n desc, a`),
  )
  const values = new Map<string, string[]>()
  for (const { kind, a } of rows) values.set(kind, [...(values.get(kind) ?? []), a])
  return values
}

/** Every other one is a page far down: after a session of some day of the last weeks. */
const paged = (path: string) => (filter: Record<string, string>, n: number) => {
  const from = idFloor(new Date(Date.now() - random.between(0, 20 * 86_400_000)))
  const after = n % 2 ? { after: writeCursor({ list: 'sessions', ...filter, sort: 'newest' }, [from]) } : {}
  return asked(path)({ ...filter, ...after })
}

/** Of sessions from all over the time: every kind of thing that an admin types, in turn. */
async function searchesOf(db: Database, count: number): Promise<string[]> {
  const searches: string[] = []
  for (let n = 0; n < count; n++) {
    const from = idFloor(new Date(Date.now() - random.between(0, 10 * 86_400_000)))
    const [row] = rowsOf<{ id: string; ip: string; net: string; name: string; email: string }>(
      await db.execute(sql`
        select s.id, host(s.ip) as ip, network(set_masklen(s.ip, case family(s.ip) when 4 then 24 else 64 end))::text as net,
          a.name, a.email
        from sessions s join accounts a on a.id = s.account_id
        where s.id >= ${from} and s.ended_at is null and s.ip is not null order by s.id limit 1`),
    )
    if (!row) continue
    const kinds = [row.email, row.name, row.ip, row.net, row.id, row.email.slice(0, 9), row.name.slice(0, 2)]
    searches.push(kinds[n % kinds.length] ?? row.email)
  }
  return searches
}

async function acts(db: Database, count: number): Promise<Asked[]> {
  const sessions = rowsOf<{ id: string }>(
    await db.execute(sql`
      select id from sessions where ended_at is null order by id desc offset 5000 limit ${count}`),
  )
  // The seed gives its first people the most sessions.
  const accounts = rowsOf<{ id: string }>(
    await db.execute(sql`
      select id from (
        select id, (select count(*) from sessions s where s.account_id = a.id and s.ended_at is null) as n
        from (select id from accounts order by id offset 200 limit 20000) a) counted
      where n between 40 and 80 limit ${count}`),
  )
  const body = JSON.stringify({ reason: 'load' })
  return [
    {
      what: 'sign out one session',
      most: { postgres: 20 },
      as: 'key',
      questions: sessions.map(({ id }) => ({
        method: 'DELETE',
        path: `/api/v1/sessions/${id}?reason=load`,
        once: true,
      })),
    },
    {
      what: 'block an account with some 50 sessions',
      most: { postgres: 30 },
      as: 'key',
      questions: accounts.map(({ id }) => ({ method: 'PUT', path: `/api/v1/accounts/${id}/block`, body, once: true })),
    },
  ]
}
