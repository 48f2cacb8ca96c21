import { RollcallFailure } from './failure.js'

/** What came back for a request whose refusal is an answer too. */
export interface Answered {
  status: number
  /** The last word of a problem's `type`; '' where it was done. */
  code: string
  /** JSON, unread. */
  body: unknown
}

export interface Calls {
  /**
   * One request, whose connection dies with its time limit: a half-open one is never used twice.
   *
   * @param path below /api/v1
   * @returns the answer's JSON, unread
   * @throws RollcallFailure
   */
  send(method: 'GET' | 'POST', path: string, options: { timeoutMs: number; body?: unknown }): Promise<unknown>
  /**
   * The same for an act, which may be refused for itself: what is not there (404), contradicts (409), is over (410) or is
   * blocked (403) is an answer. Sent once more where no answer came: all acts are idempotent.
   *
   * @throws RollcallFailure
   */
  act(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    options: { timeoutMs: number; body?: unknown; once?: boolean },
  ): Promise<Answered>
  /** A request whose answer goes on; its end is the caller's. @throws RollcallFailure */
  open(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  /** Since the last answer. */
  readonly keyIsRefused: boolean
}

/** Everything that leaves for Rollcall: to one origin, with the key, never along a redirect. */
export function createCalls(base: string, key: string, onKeyRefused: (failure: RollcallFailure) => void): Calls {
  let keyIsRefused = false

  async function request(path: string, init: RequestInit): Promise<Response> {
    const response = await ask(path, init)
    if (response.ok) return response
    throw await refusal(response)
  }

  async function ask(path: string, init: RequestInit): Promise<Response> {
    try {
      const response = await fetch(`${base}/api/v1${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${key}` },
        redirect: 'error',
      })
      if (response.ok) keyIsRefused = false
      return response
    } catch (error) {
      throw noAnswer(error)
    }
  }

  async function actOnce(method: string, path: string, { timeoutMs, body }: { timeoutMs: number; body?: unknown }) {
    const response = await ask(path, init(method, timeoutMs, body))
    if (!response.ok && !ANSWERS.has(response.status)) throw await refusal(response)
    const answer = await jsonOf(response, path)
    const code = response.ok ? '' : codeOf(answer)
    // A key may lack what an act needs and be good for checks.
    if (code === 'missing-scope') throw requestRefused(response.status, wordsOf(answer))
    return { status: response.status, code, body: answer }
  }

  const init = (method: string, timeoutMs: number, body?: unknown): RequestInit => ({
    method,
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

  async function jsonOf(response: Response, path: string): Promise<unknown> {
    const text = await response.text().catch((error: unknown) => {
      throw noAnswer(error)
    })
    try {
      return JSON.parse(text)
    } catch {
      throw oddAnswer(path)
    }
  }

  async function refusal(response: Response): Promise<RollcallFailure> {
    const text = await response.text().catch(() => '')
    const words = wordsOf(parsed(text))
    const said = `${response.status}${words}`
    if (response.status === 401 || response.status === 403) {
      keyIsRefused = true
      const words = `Rollcall at ${base} does not take this API key (${said}). Every check is denied until it does.`
      const failure = new RollcallFailure('key-refused', words)
      onKeyRefused(failure)
      return failure
    }
    // What is asked too often, or of a node that has lost its database, may be right a moment later.
    if (response.status < 500 && response.status !== 408 && response.status !== 429)
      return requestRefused(response.status, words)
    return new RollcallFailure('no-answer', `Rollcall at ${base} can't answer now (${said}).`)
  }

  const requestRefused = (status: number, words: string) =>
    new RollcallFailure('request-refused', `Rollcall at ${base} refused a request (${status}${words}).`)

  function noAnswer(error: unknown): RollcallFailure {
    return new RollcallFailure('no-answer', `No answer from Rollcall at ${base}: ${reasonOf(error)}.`, error)
  }

  return {
    send: async (method, path, { timeoutMs, body }) => jsonOf(await request(path, init(method, timeoutMs, body)), path),
    async act(method, path, { once = false, ...options }) {
      const began = performance.now()
      try {
        return await actOnce(method, path, options)
      } catch (error) {
        const leftMs = options.timeoutMs - (performance.now() - began)
        const isLost = error instanceof RollcallFailure && error.code === 'no-answer' && error.cause !== undefined
        if (once || !isLost || leftMs < MIN_RETRY_MS) throw error
        return actOnce(method, path, { ...options, timeoutMs: leftMs })
      }
    },
    async open(path, signal) {
      const { body } = await request(path, { method: 'GET', signal, headers: { accept: 'text/event-stream' } })
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
  new RollcallFailure('odd-answer', `What came back for ${path.split('?')[0]} is not an answer of Rollcall.`)

/** Of an act: see there. */
const ANSWERS: ReadonlySet<number> = new Set([403, 404, 409, 410])
const MIN_RETRY_MS = 50

interface Problem {
  type?: unknown
  detail?: unknown
  title?: unknown
}

const codeOf = (answer: unknown): string =>
  String((answer as Problem | null)?.type ?? '')
    .split('/')
    .at(-1) ?? ''

/** ": words", from a problem's document (RFC 9457); nothing where there is none. */
function wordsOf(answer: unknown): string {
  const problem = answer as Problem | null | undefined
  const words = problem?.detail ?? problem?.title
  return typeof words === 'string' ? `: ${words.slice(0, 300)}` : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `fetch` says only that it failed; why is in what caused it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message
}
