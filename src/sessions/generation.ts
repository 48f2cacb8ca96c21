import { type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { type AccountId, type AppId, BUILT_IN_APP } from '../db/ids.js'
import { accounts, apps, endings, sessions, settings } from '../db/schema.js'
import { appendRevocations } from './log/revocations.js'

/** Whose sessions one increment of a generation ends. */
export type Whom =
  | { kind: 'account'; target: AccountId }
  | { kind: 'app'; target: AppId }
  | { kind: 'everything'; target: null }

/**
 * Ends all of an account, of an app or everything in O(1): whatever was born with the old number is not live any more,
 * marked or not, committed or about to (S-13).
 *
 * @returns the new number, or undefined when there is no such account or app
 */
export async function raiseGeneration(tx: Database, whom: Whom): Promise<number | undefined> {
  const { counters, id } = counterOf(whom)
  const [raised] = rowsOf<{ generation: number }>(
    await tx.execute(sql`update ${counters} set generation = generation + 1 where id = ${id} returning generation`),
  )
  if (raised)
    await appendRevocations(tx, [{ kind: whom.kind, target: whom.target ?? 'everything' }, ...alongWith(whom)])
  return raised?.generation
}

/** Sign-ins at Rollcall take along what they were handed over to, in any app: whoever follows forgets all and asks again. */
const alongWith = ({ target }: Whom) =>
  target === BUILT_IN_APP ? [{ kind: 'everything' as const, target: 'everything' }] : []

function counterOf(whom: Whom) {
  if (whom.kind === 'account') return { counters: accounts, id: whom.target }
  return whom.kind === 'app' ? { counters: apps, id: whom.target } : { counters: settings, id: 1 }
}

/** The rows of `sessions` that are theirs. Indexes: sessions_account, sessions_live_app, sessions_live_id. */
export function sessionsOf(whom: Whom): SQL {
  if (whom.kind === 'account') return sql`${sessions.accountId} = ${whom.target}`
  return whom.kind === 'app' ? sql`${sessions.appId} = ${whom.target}` : sql`true`
}

const BORN_WITH = {
  account: sessions.accountGeneration,
  app: sessions.appGeneration,
  everything: sessions.everyoneGeneration,
}

/** The number of theirs that a session was born with. */
export const bornWith = ({ kind }: Whom) => BORN_WITH[kind]

/** Over the rows of `liveTables`: not live any more, whoever has marked it. */
export const generationsPassed = sql<boolean>`(${sessions.accountGeneration} <> ${accounts.generation}
  or ${sessions.appGeneration} <> ${apps.generation} or ${sessions.everyoneGeneration} <> ${settings.generation})`

/** `select ... ${firstEnding}`, within a query over `sessions`: the first act that a row's generations did not survive. */
export const firstEnding = sql`from ${endings} where (
    (${endings.kind} = 'account' and ${endings.target} = ${sessions.accountId}::text and ${endings.generation} > ${sessions.accountGeneration})
    or (${endings.kind} = 'app' and ${endings.target} = ${sessions.appId}::text and ${endings.generation} > ${sessions.appGeneration})
    or (${endings.kind} = 'everything' and ${endings.generation} > ${sessions.everyoneGeneration}))
  order by ${endings.at}, ${endings.id} limit 1`
