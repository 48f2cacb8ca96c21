import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { type EndingId, newId, type SessionId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accounts, apps, endings, sessions, settings } from '../db/schema.js'
import { type Ending, endSessions } from './end.js'
import { bornWith, raiseGeneration, sessionsOf, type Whom } from './generation.js'
import { atMost, isAnythingMarked, readTotal } from './lists/tallies.js'
import { isFrozen } from './many/frozen.js'
import { MOST_COUNTED } from './types.js'

/**
 * Up to this many rows are marked within the act; more are left to `markEndings`. Each row moves in a dozen indexes: of
 * ten million sessions, fifty took a tenth of a second, which one who blocks an account would wait for.
 */
const MOST_AT_ONCE = 20

export interface EndedAll {
  /** Its row: what it says is done shows how far the marking is. */
  id: EndingId
  /** What the counter was raised to. */
  generation: number
  /** How many sessions were not over yet, counted among the newest `MOST_COUNTED`: that number means "or more". */
  ended: number
}

/**
 * Ends all of an account, of an app, or everything, whatever the number: one increment, one entry in the log, one row in
 * `endings`. Rows are marked here where they are few, else in the background; nobody is let in by one meanwhile.
 *
 * @param tx inside the transaction of the act
 * @param except goes on, if it was live: its generation is raised along
 * @returns undefined when there is no such account or app
 */
export async function endAll(
  tx: Database,
  whom: Whom,
  ending: Pick<Ending, 'reason' | 'by' | 'note'>,
  except?: SessionId,
): Promise<EndedAll | undefined> {
  const generation = await raiseGeneration(tx, whom)
  if (generation === undefined) return undefined
  if (except) await raiseAlong(tx, whom, generation, except)
  const { ended, few } = await countEnded(tx, whom)
  if (!few) {
    const [id] = await Promise.all([
      insertEnding(tx, whom, generation, ending, { except }),
      announce(tx, { kind: 'ended', sessions: null, accounts: whom.kind === 'account' ? [whom.target] : null }),
    ])
    return { id, generation, ended }
  }
  const marked = await endSessions(tx, endedBy(whom), { ...ending, covered: true })
  const id = await insertEnding(tx, whom, generation, ending, { except, marked: marked.length })
  return { id, generation, ended: marked.length }
}

/** One that died by an earlier increment is not brought back. */
async function raiseAlong(tx: Database, whom: Whom, generation: number, session: SessionId): Promise<void> {
  const column = bornWith(whom)
  await tx
    .update(sessions)
    .set({ [COLUMNS[whom.kind]]: generation })
    .where(and(eq(sessions.id, session), sessionsOf(whom), isNull(sessions.endedAt), eq(column, generation - 1)))
}

const COLUMNS = { account: 'accountGeneration', app: 'appGeneration', everything: 'everyoneGeneration' } as const

/** Walks a bounded number of rows, newest first: what an earlier act ended and nobody has marked yet is not counted. */
async function countEnded(tx: Database, whom: Whom): Promise<{ ended: number; few: boolean }> {
  if ((await talliedOf(tx, whom)) >= MOST_COUNTED) return { ended: MOST_COUNTED, few: false }
  const [row] = rowsOf<{ walked: number; ended: number }>(
    await tx.execute(sql`
      with newest as (
        select * from ${sessions} where ${sessionsOf(whom)} and ${sessions.endedAt} is null
        order by ${sessions.id} desc limit ${MOST_COUNTED})
      select count(*)::int as walked, count(*) filter (where ${wasPresent(whom)})::int as ended
      from newest as sessions ${withGenerations}`),
  )
  const { walked, ended } = row ?? { walked: 0, ended: 0 }
  return { ended, few: walked < MOST_COUNTED && ended <= MOST_AT_ONCE }
}

/**
 * About how many are live, by the tallies, which say so while nothing is left unmarked; else 0. To walk ten thousand rows
 * that are not in memory took seconds, for which everybody's sign-in waited.
 */
export async function talliedOf(db: Database, whom: Whom): Promise<number> {
  if (whom.kind === 'account' || (await isAnythingMarked(db))) return 0
  return whom.kind === 'app' ? (await atMost(db, [['app', whom.target]])).live : (await readTotal(db)).total
}

const withGenerations = sql`join ${accounts} on ${accounts.id} = ${sessions.accountId}
  join ${apps} on ${apps.id} = ${sessions.appId}
  join ${settings} on ${settings.id} = 1`

/** Just before the increment, in whose transaction this is: what was over by then keeps the reason that it has. */
function wasPresent({ kind }: Whom): SQL {
  const raised = (which: Whom['kind']) => (which === kind ? sql` - 1` : sql``)
  return sql`(not ${isFrozen} and ${sessions.accountGeneration} = ${accounts.generation}${raised('account')}
    and ${sessions.appGeneration} = ${apps.generation}${raised('app')}
    and ${sessions.everyoneGeneration} = ${settings.generation}${raised('everything')})`
}

const endedBy = (whom: Whom) => sql`${sessions.id} = any(array(
  select ${sessions.id} from ${sessions} ${withGenerations}
  where ${sessionsOf(whom)} and ${sessions.endedAt} is null and ${wasPresent(whom)}))`

/** @param how `marked` is left out while rows are still to be marked */
async function insertEnding(
  tx: Database,
  whom: Whom,
  generation: number,
  { reason, by, note }: Pick<Ending, 'reason' | 'by' | 'note'>,
  { except, marked }: { except: SessionId | undefined; marked?: number },
): Promise<EndingId> {
  const id = newId<EndingId>()
  await tx.insert(endings).values({
    id,
    ...whom,
    generation,
    reason,
    note: note ?? null,
    byKind: by.kind,
    byId: by.id ?? null,
    byName: by.name,
    exceptSession: except ?? null,
    ...(marked === undefined ? {} : { marked, doneAt: sql`now()` }),
  })
  return id
}
