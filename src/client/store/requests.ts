import { type Act, type Answered, createActs } from '../acts.js'
import { oddAnswer } from '../calls.js'
import { RollcallFailure } from '../failure.js'
import type { Following } from '../follow.js'
import { accountsDiffer, blocked, sessionEnded, staleSave, unavailable } from '../refusals.js'
import { readable } from '../transport.js'
import { type AppAccount, namedAccount } from './accounts.js'
import type { Sid } from './sid.js'

/** Where a session is used or signed in from. */
export interface Visit {
  ip: string | null
  userAgent: string
  /** Client Hints. */
  headers: Record<string, string>
}

export interface Kept {
  session: string | null
  mayHold: boolean
}

export interface Found extends Kept {
  data: string
}

/** Of a session as it is stored. */
interface Moved {
  data: string
  account: AppAccount | null | undefined
  maxAge: number | null
  method: string
}

const SAVE_MS = 5_000
/** Emptying a large store takes as long as it takes. */
const CLEAR_MS = 10 * 60_000

/**
 * What the store asks of Rollcall. Each throws `RollcallFailure` where it could not be done.
 *
 * @param leaseMs an answer that takes longer is none
 */
export function createRequests(
  { calls, processId, engine }: Pick<Following, 'calls' | 'processId' | 'engine'>,
  leaseMs: number,
) {
  const sendOnce = createActs(calls)
  /** The last one. */
  let failed = false
  let underWay = 0

  const send: Act = async (...request) => {
    // Nobody waits for what has just been waited for in vain: one request at a time finds out when that is over.
    failed &&= engine.follower.leaseLeft() === 0
    if (failed && underWay > 0) throw unavailable()
    underWay += 1
    try {
      const answered = await sendOnce(...request)
      failed = false
      return answered
    } catch (error) {
      failed = error instanceof RollcallFailure && error.code === 'no-answer'
      throw error
    } finally {
      underWay -= 1
    }
  }

  const act: Act = async (...request) => {
    const answered = await send(...request)
    const failure = failureOf(answered)
    if (failure) throw failure
    // Only what Rollcall says itself is an answer: a proxy has 404s of its own.
    if (answered.code !== '' && answered.code !== 'not-found' && answered.code !== 'session-ended')
      throw oddAnswer(request[1])
    return answered
  }

  return {
    /** @returns undefined where there is none, or it is over */
    async find({ key }: Sid): Promise<Found | undefined> {
      const path = `/store/${key}?process=${processId}`
      const { status, body } = await act('GET', path, { timeoutMs: leaseMs })
      if (status !== 200) return undefined
      const found = body as Partial<Found> | null
      if (typeof found?.data !== 'string' || !isKept(found)) throw oddAnswer('/store')
      return { data: found.data, session: found.session, mayHold: found.mayHold }
    },

    /** From another store, and only where nothing is, or was, under this id. */
    async move({ key }: Sid, { data, account, maxAge, method }: Moved): Promise<void> {
      const body = { data, account: namedAccount(account), maxAge, method, moved: { unusedFor: 0 } }
      const { code } = await send('PUT', `/store/${key}`, { timeoutMs: SAVE_MS, body })
      // Another request of the same browser was first, or it has ended here since.
      if (code !== '' && code !== 'already-stored' && code !== 'session-ended')
        throw failureOf({ code }) ?? oddAnswer('/store')
    },

    async keep(
      { key }: Sid,
      wanted: Moved & { visit: Visit | undefined; loadedWith: string | null | undefined },
    ): Promise<Kept> {
      const { data, account, visit, maxAge, loadedWith, method } = wanted
      const { body, code } = await act('PUT', `/store/${key}`, {
        timeoutMs: SAVE_MS,
        body: {
          data,
          account: namedAccount(account),
          ...(visit
            ? { client: { ip: readable(visit.ip) ?? null, userAgent: visit.userAgent, headers: visit.headers } }
            : {}),
          maxAge,
          ...(loadedWith === undefined ? {} : { loadedWith }),
          method,
          process: processId,
        },
      })
      if (code === 'session-ended') throw sessionEnded()
      if (!isKept(body)) throw oddAnswer('/store')
      return body
    },

    async end({ key }: Sid, why: 'signed-out' | 'replaced'): Promise<void> {
      await act('DELETE', `/store/${key}?why=${why}&process=${processId}`, { timeoutMs: SAVE_MS })
    },

    /** @returns false where it is over */
    async touch({ key }: Sid, ip: string | null): Promise<boolean> {
      const client = { ip: readable(ip) ?? null, userAgent: '' }
      const { status } = await act('POST', `/store/${key}/touch`, { timeoutMs: SAVE_MS, body: { client } })
      return status === 200
    },

    async all(): Promise<string[]> {
      const contents: string[] = []
      for (let after = ''; ; ) {
        const path = `/store?limit=200${after && `&after=${after}`}`
        const { body } = await act('GET', path, { timeoutMs: SAVE_MS })
        const page = body as { items?: { data?: unknown }[]; next?: unknown } | null
        if (!Array.isArray(page?.items)) throw oddAnswer('/store')
        for (const { data } of page.items) if (typeof data === 'string') contents.push(data)
        if (typeof page.next !== 'string') return contents
        after = page.next
      }
    },

    async count(): Promise<number> {
      const { body } = await act('GET', '/store/count', { timeoutMs: SAVE_MS })
      const count = (body as { count?: unknown } | null)?.count
      if (typeof count !== 'number') throw oddAnswer('/store/count')
      return count
    },

    async clear(): Promise<void> {
      await act('DELETE', '/store', { timeoutMs: CLEAR_MS })
    },
  }
}

function failureOf({ code }: Pick<Answered, 'code'>): RollcallFailure | undefined {
  if (code === 'blocked' || code === 'app-disabled') return blocked()
  if (code === 'stale-save') return staleSave()
  return code === 'accounts-differ' ? accountsDiffer() : undefined
}

function isKept<T>(value: T): value is T & Kept {
  const { session, mayHold } = (value ?? {}) as Partial<Kept>
  return (session === null || typeof session === 'string') && typeof mayHold === 'boolean'
}
