import { type Calls, oddAnswer } from './calls.js'
import { RollcallFailure } from './failure.js'
import { refused } from './refusals.js'

/** What came back for a request whose refusal is an answer too. */
export interface Answered {
  status: number
  /** The last word of a problem's `type`; '' where it was done. */
  code: string
  /** JSON, unread. */
  body: unknown
}

/**
 * A request that does something, and may be refused for itself: what is not there (404), contradicts (409), is over (410)
 * or is blocked (403) is an answer. Sent once more where the connection broke, unless it must be sent once.
 *
 * @throws RollcallFailure
 */
export type Act = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  options: { timeoutMs: number; body?: unknown; once?: boolean },
) => Promise<Answered>

/** Whoever asked may be answered a moment later. */
function tell503(error: unknown): never {
  throw error instanceof RollcallFailure && error.code !== 'request-refused'
    ? Object.assign(error, { status: 503 })
    : error
}

const ANSWERS = [403, 404, 409, 410]
const MIN_RETRY_MS = 50

export function createActs(calls: Pick<Calls, 'ask'>): Act {
  async function actOnce(method: string, path: string, options: { timeoutMs: number; body?: unknown }) {
    const response = await calls.ask(method, path, { ...options, takes: ANSWERS })
    const body = await read(response, path)
    const code = response.ok ? '' : codeOf(body)
    // A key may lack what an act needs and be good for checks.
    if (code === 'missing-scope') throw refused(String((body as Problem).detail))
    return { status: response.status, code, body }
  }

  const act: Act = async (method, path, { once = false, ...options }) => {
    const began = performance.now()
    try {
      return await actOnce(method, path, options)
    } catch (error) {
      const timeoutMs = options.timeoutMs - (performance.now() - began)
      const isLost = error instanceof RollcallFailure && error.code === 'no-answer' && error.cause !== undefined
      if (once || !isLost || timeoutMs < MIN_RETRY_MS) throw error
      return actOnce(method, path, { ...options, timeoutMs })
    }
  }
  return (...request) => act(...request).catch(tell503)
}

async function read(response: Response, path: string): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw new RollcallFailure('no-answer', 'An answer of Rollcall broke off.', error)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw oddAnswer(path)
  }
}

interface Problem {
  type?: unknown
  detail?: unknown
}

const codeOf = (body: unknown): string =>
  String((body as Problem | null)?.type ?? '')
    .split('/')
    .at(-1) ?? ''
