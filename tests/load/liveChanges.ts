import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { TERMINAL } from '../../src/audit/types.js'
import { openDatabase, rowsOf } from '../../src/db/connect.js'
import { type AccountId, BUILT_IN_APP, newId, type SessionId } from '../../src/db/ids.js'
import { notice } from '../../src/db/notices.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { startSession } from '../../src/sessions/start.js'
import { touchSessions } from '../../src/sessions/touch.js'
import { aClient } from '../support/clients.js'
import { answerParent } from './harness/child.js'

/**
 * People who sign in and out and work, through another process: `liveChanges.js DATABASE_URL`. So many as a machine that
 * is shared with PostgreSQL and the pages manages go the whole way; of the others the row is ended, and all is told as
 * the domain functions tell it, one transaction each: a node that only listens can't tell the difference.
 */
const [url = ''] = process.argv.slice(2)
const AT_ONCE = 2
const TOLD_EVERY_MS = 50
const TOUCHED = 200
const NOWHERE = { kind: 'unknown', country: null, region: null, city: null } as const
const PLACE = { ...NOWHERE, latitude: null, longitude: null, asn: null, networkOwner: null }

const { db } = await openDatabase({ url, dataDir: '' })
const people = rowsOf<{ id: AccountId }>(await db.execute(sql`select id from accounts where role = 'person'`))
const live = rowsOf<{ id: SessionId }>(
  await db.execute(sql`select s.id from sessions s join accounts a on a.id = s.account_id where a.role = 'person'`),
).map(({ id }) => id)
const client = aClient({})

const Question = z.object({ perSecond: z.number(), seconds: z.number() })

answerParent(Question, async ({ perSecond, seconds }) => {
  const began = performance.now()
  const over = () => performance.now() - began >= seconds * 1_000
  const due = () => ((performance.now() - began) / 1_000) * perSecond
  let [whole, told] = [0, 0]
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (; !over(); await pause(2)) {
      if (whole + told >= due()) continue
      whole += 1
      await (whole % 2 ? signIn() : signOut())
    }
  })
  const telling = (async () => {
    for (; !over(); await pause(TOLD_EVERY_MS)) {
      const missing = Math.floor(due() - whole - told)
      if (missing <= 0) continue
      told += missing
      await tellOf(missing)
    }
  })()
  const touching = (async () => {
    for (; !over(); await pause(1_000)) {
      const ids = Array.from({ length: TOUCHED }, () => anyOf(live))
      const touches = [...new Set(ids)].map((id) => ({ id, ip: null, secondsAgo: 0, requests: 1 }))
      await touchSessions(db, touches, () => PLACE)
    }
  })()
  await Promise.all([...workers, telling, touching])
  const took = (performance.now() - began) / 1_000
  return { perSecond: (whole + told) / took, whole: whole / took }
})

async function tellOf(changes: number) {
  const gone = Array.from({ length: Math.floor(changes / 2) }, takeOne)
  if (gone.length > 0) {
    await db.execute(sql`
      update sessions set ended_at = now(), end_reason = 'revoked', ended_by_kind = 'system', ended_by_name = 'load'
      where id in ${gone}`)
  }
  await Promise.all(
    Array.from({ length: changes }, (_, n) => {
      const ended = gone[n]
      const about = { sessions: [ended ?? newId<SessionId>()], accounts: [anyOf(people).id] }
      const change = ended ? { kind: 'ended' as const, ...about } : { kind: 'started' as const, ...about }
      return db.execute(sql`select ${notice(change)}, ${notice({ kind: 'audit' })}`)
    }),
  )
}

async function signIn() {
  const { id } = anyOf(people)
  const started = await startSession(db, {
    account: { id, generation: 0 },
    appId: BUILT_IN_APP,
    client,
    method: 'password',
  })
  if (started.status === 'started') live.push(started.session.id)
}

async function signOut() {
  await revokeSession(db, takeOne(), TERMINAL, 'load')
}

function takeOne(): SessionId {
  const at = Math.floor(Math.random() * live.length)
  const [id, last] = [live[at], live.pop()]
  if (!id || !last) throw new Error('there is nobody left')
  if (at < live.length) live[at] = last
  return id
}

function anyOf<T>(all: readonly T[]): T {
  const one = all[Math.floor(Math.random() * all.length)]
  if (one === undefined) throw new Error('there is nobody left')
  return one
}
