import { RollcallFailure } from './failure.js'

export interface Calls {
  /**
   * One request, whose connection dies with its time limit: a half-open one is never used twice.
   *
   * @param path below /api/v1
   * @returns the answer's JSON, unread
   * @throws RollcallFailure
   */
  send(method: 'GET' | 'POST', path: string, options: { timeoutMs: number; body?: unknown }): Promise<unknown>
  /** The same for whoever takes a refusal for an answer too: `takes` names its status. @throws RollcallFailure */
  ask(
    method: string,
    path: string,
    options: {
      timeoutMs: number
      body?: unknown
      takes?: readonly number[]
      signal?: AbortSignal
    },
  ): Promise<Response>
  /** A request whose answer goes on; its end is the caller's. @throws RollcallFailure */
  open(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  /** Since the last answer. */
  readonly keyIsRefused: boolean
}

/** Everything that leaves for Rollcall: to one origin, with the key, never along a redirect. */
export function createCalls(base: string, key: string, onKeyRefused: (failure: RollcallFailure) => void): Calls {
  let keyIsRefused = false

  const ask: Calls['ask'] = async (method, path, options) => {
    const { timeoutMs, body, takes } = options
    const { signal = AbortSignal.timeout(Math.ceil(timeoutMs)) } = options
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      redirect: 'error',
    }).catch(noAnswer)
    if (response.ok) keyIsRefused = false
    else if (!takes?.includes(response.status)) throw await refusal(response)
    return response
  }

  async function refusal(response: Response): Promise<RollcallFailure> {
    const said = `${response.status}${await problemOf(response)}`
    if (response.status === 401 || response.status === 403) {
      keyIsRefused = true
      const words = `Rollcall at ${base} does not take this API key (${said}). Every check is denied until it does.`
      const failure = new RollcallFailure('key-refused', words)
      onKeyRefused(failure)
      return failure
    }
    // What is asked too often, or of a node that has lost its database, may be right a moment later.
    if (response.status < 500 && response.status !== 408 && response.status !== 429)
      return new RollcallFailure('request-refused', `Rollcall at ${base} refused a request (${said}).`)
    return new RollcallFailure('no-answer', `Rollcall at ${base} can't answer (${said}).`)
  }

  function noAnswer(error: unknown): never {
    throw new RollcallFailure('no-answer', `No answer from Rollcall at ${base}: ${reasonOf(error)}.`, error)
  }

  return {
    async send(method, path, options) {
      const response = await ask(method, path, options)
      const text = await response.text().catch(noAnswer)
      try {
        return JSON.parse(text)
      } catch {
        throw oddAnswer(path)
      }
    },
    ask,
    async open(path, signal) {
      const { body } = await ask('GET', path, { timeoutMs: 0, signal })
      if (!body) throw oddAnswer(path)
      return body
    },
    get keyIsRefused() {
      return keyIsRefused
    },
  }
}

/** @param path what was asked for; its query is left out */
export const oddAnswer = (path: string): RollcallFailure =>
  new RollcallFailure('odd-answer', `What ${path.split('?')[0]} gave is no answer of Rollcall.`)

/** ": words", from a problem's document (RFC 9457); nothing where there is none. */
async function problemOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '')
  try {
    const problem: { detail?: unknown; title?: unknown } = JSON.parse(text)
    const words = problem.detail ?? problem.title
    return typeof words === 'string' ? `: ${words.slice(0, 300)}` : ''
  } catch {
    return ''
  }
}

/** `fetch` says only that it failed; why is in what caused it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message
}
