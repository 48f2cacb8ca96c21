import { and, desc, eq, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import { type AppId, idFloor, type SessionId } from '../../db/ids.js'
import { endings, sessions } from '../../db/schema.js'

/**
 * What ended everything at once, or everything in an app, whose rows are still being marked: of ten million, that takes
 * hours, in which whoever looks for live ones would step over all of them.
 */
export interface Swept {
  /** Nothing that is older is live, ... */
  before: SessionId
  /** ... but for this one. */
  except: SessionId | null
}

/** The last act that ended everyone, or everyone in that app. Index: endings_open. */
export async function lastSweep(db: Database, app?: AppId | string | null): Promise<Swept | undefined> {
  const [last] = await db
    .select({ at: endings.at, except: endings.exceptSession })
    .from(endings)
    .where(and(isNull(endings.doneAt), or(eq(endings.kind, 'everything'), app ? eq(endings.target, app) : undefined)))
    .orderBy(desc(endings.at))
    .limit(1)
  return last && { before: idFloor(last.at), except: last.except }
}

/** Ranges of ids, over the rows of `sessions`, in which all live ones are. */
export function rangesStillThere(swept: Swept | undefined): (SQL | undefined)[] {
  if (!swept) return [undefined]
  const since = sql`${sessions.id} >= ${swept.before}`
  return swept.except ? [since, eq(sessions.id, swept.except)] : [since]
}

/** The same as one condition. */
export const stillThere = (swept: Swept | undefined): SQL | undefined => or(...rangesStillThere(swept))
