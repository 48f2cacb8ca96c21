import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { TERMINAL } from '../../src/audit/types.js'
import { openDatabase, rowsOf } from '../../src/db/connect.js'
import { type AccountId, BUILT_IN_APP, type SessionId } from '../../src/db/ids.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { startSession } from '../../src/sessions/start.js'
import { touchSessions } from '../../src/sessions/touch.js'
import { aClient } from '../support/clients.js'
import { answerParent } from './harness/child.js'

/** People who sign in and out and work, through another process: `liveChanges.js DATABASE_URL`. */
const [url = ''] = process.argv.slice(2)
const AT_ONCE = 12
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
  let [due, done] = [0, 0]
  const workers = Array.from({ length: AT_ONCE }, async () => {
    while (!over()) {
      if (due < ((performance.now() - began) / 1_000) * perSecond) {
        due += 1
        await (due % 2 ? signIn() : signOut())
        done += 1
      } else await pause(2)
    }
  })
  const touching = (async () => {
    for (; !over(); await pause(1_000)) {
      const ids = Array.from({ length: TOUCHED }, () => anyOf(live))
      const touches = [...new Set(ids)].map((id) => ({ id, ip: null, secondsAgo: 0, requests: 1 }))
      await touchSessions(db, touches, () => PLACE)
    }
  })()
  await Promise.all([...workers, touching])
  return done / ((performance.now() - began) / 1_000)
})

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
  const at = Math.floor(Math.random() * live.length)
  const id = live[at]
  const last = live.pop()
  if (last && at < live.length) live[at] = last
  if (id) await revokeSession(db, id, TERMINAL, 'load')
}

function anyOf<T>(all: readonly T[]): T {
  const one = all[Math.floor(Math.random() * all.length)]
  if (one === undefined) throw new Error('there is nobody left')
  return one
}
