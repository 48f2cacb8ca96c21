import type { Answered } from '../calls.js'
import { oddAnswer } from '../calls.js'
import { RollcallFailure } from '../failure.js'
import type { Following } from '../follow.js'
import { addressed } from '../transport.js'
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

const SAVE_MS = 5_000
/** Emptying a large store takes as long as it takes. */
const CLEAR_MS = 10 * 60_000

/** What the store asks of Rollcall. Each throws `RollcallFailure` where it could not be done. */
export function createRequests({ calls, settings, processId }: Pick<Following, 'calls' | 'settings' | 'processId'>) {
  async function act(...request: Parameters<typeof calls.act>): Promise<Answered> {
    const answered = await calls.act(...request)
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
      const { status, body } = await act('GET', path, { timeoutMs: settings.leaseMs })
      if (status !== 200) return undefined
      const found = body as Partial<Found> | null
      if (typeof found?.data !== 'string' || !isKept(found)) throw oddAnswer('/store')
      return { data: found.data, session: found.session, mayHold: found.mayHold }
    },

    async keep(
      { key }: Sid,
      wanted: {
        data: string
        account: AppAccount | null | undefined
        visit: Visit | undefined
        maxAge: number | null
        loadedWith: string | null | undefined
        method: string
      },
    ): Promise<Kept> {
      const { data, account, visit, maxAge, loadedWith, method } = wanted
      const { body, code } = await act('PUT', `/store/${key}`, {
        timeoutMs: SAVE_MS,
        body: {
          data,
          account: namedAccount(account),
          ...(visit
            ? { client: { ip: null, ...addressed(visit.ip), userAgent: visit.userAgent, headers: visit.headers } }
            : {}),
          maxAge,
          ...(loadedWith === undefined ? {} : { loadedWith }),
          method,
          process: processId,
        },
      })
      if (code === 'session-ended') throw ended()
      if (!isKept(body)) throw oddAnswer('/store')
      return body
    },

    async end({ key }: Sid, why: 'signed-out' | 'replaced'): Promise<void> {
      await act('DELETE', `/store/${key}?why=${why}&process=${processId}`, { timeoutMs: SAVE_MS })
    },

    /** @returns false where it is over */
    async touch({ key }: Sid, ip: string | null): Promise<boolean> {
      const client = { ip: null, ...addressed(ip), userAgent: '' }
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

function failureOf({ code }: Answered): RollcallFailure | undefined {
  if (code === 'blocked' || code === 'app-disabled')
    return new RollcallFailure('blocked', 'The person, their network or this app is blocked: nobody was signed in.')
  if (code === 'stale-save')
    return new RollcallFailure(
      'stale-save',
      'Somebody has signed in since what was to be saved had been loaded. Nothing was saved.',
    )
  if (code === 'accounts-differ')
    return new RollcallFailure(
      'request-refused',
      'The id and the e-mail address of the account belong to two people. Nothing was saved.',
    )
  return undefined
}

const ended = () =>
  new RollcallFailure(
    'session-ended',
    'The session was over before it was saved: signed out, revoked or timed out. Nothing was saved.',
  )

function isKept<T>(value: T): value is T & Kept {
  const { session, mayHold } = (value ?? {}) as Partial<Kept>
  return (session === null || typeof session === 'string') && typeof mayHold === 'boolean'
}
