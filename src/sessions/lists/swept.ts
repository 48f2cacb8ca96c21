import { and, desc, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import { type AppId, idFloor, type SessionId } from '../../db/ids.js'
import { endings, sessions } from '../../db/schema.js'

/** An act that ended everything there was, or everything in an app. */
interface Sweep {
  /** Nothing that is older is live, ... */
  before: SessionId
  /** ... but for this one. */
  except: SessionId | null
}

/**
 * What ended everything at once, or everything in an app, whose rows are still being marked: of ten million, that takes
 * hours, in which whoever looks for live ones would step over all of them.
 */
export interface Swept {
  /** The last act on everyone, or on the app that is asked for. */
  all: Sweep | undefined
  /** The last act on each app, where none is asked for. */
  apps: ReadonlyMap<string, Sweep>
}

/**
 * The last of those acts, on everyone and on apps. Index: endings_open.
 *
 * @param app of a list of one app's sessions: then no other app's matter
 * @param setBackMs by so much at most the database's clock was set back since: who signed in by it is not missed
 */
export async function lastSweep(db: Database, app?: AppId | string | null, setBackMs = 0): Promise<Swept> {
  const acts = await db
    .select({ app: endings.target, at: endings.at, except: endings.exceptSession })
    .from(endings)
    .where(and(isNull(endings.doneAt), ne(endings.kind, 'account')))
    .orderBy(desc(endings.at))
  let all: Sweep | undefined
  const apps = new Map<string, Sweep>()
  for (const { app: target, at, except } of acts) {
    const sweep = { before: idFloor<SessionId>(new Date(at.getTime() - setBackMs)), except }
    if (target === null || target === app) all ??= sweep
    // What ended everyone later has ended these too.
    else if (!app && !all && !apps.has(target)) apps.set(target, sweep)
  }
  return { all, apps }
}

/** Ranges of ids, over the rows of `sessions`, in which all live ones are. */
export function rangesStillThere(swept: Swept | undefined): (SQL | undefined)[] {
  const { all, apps = new Map<string, Sweep>() } = swept ?? {}
  const elsewhere = [...apps].map(([app, sweep]) => or(sql`${sessions.appId} <> ${app}`, ...since(sweep)))
  return all ? since(all).map((range) => and(range, ...elsewhere)) : [and(...elsewhere)]
}

const since = ({ before, except }: Sweep): SQL[] => [
  sql`${sessions.id} >= ${before}`,
  ...(except ? [sql`${sessions.id} = ${except}`] : []),
]

/** The same as one condition. */
export const stillThere = (swept: Swept | undefined): SQL | undefined => or(...rangesStillThere(swept))
