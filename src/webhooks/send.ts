import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import { performance } from 'node:perf_hooks'
import { VERSION } from '../version.js'
import { hostOf } from './guard.js'
import { retryAfterOf } from './retryAfter.js'
import { signed } from './sign.js'

/** Deliveries of one endpoint that one process has under way at the same time: as many connections are kept for it. */
export const MOST_AT_ONCE = 64

const TIMEOUT_MS = 10_000
/** No more of an answer is read. */
const MOST_BYTES = 64 * 1024
/** And so much of it kept for the log. */
const KEPT_CHARACTERS = 1_000

/** What came of one attempt. */
export interface Attempt {
  ok: boolean
  /** Null where there was no answer. */
  status: number | null
  durationMs: number
  answer: string | null
  /** Why it does not count as delivered, in words. */
  problem: string | null
  /** For how many seconds the receiver asked to be left alone. */
  retryAfterS: number | null
}

/** Without an answer. */
export const unanswered = (problem: string, durationMs = 0): Attempt => ({
  ok: false,
  status: null,
  durationMs,
  answer: null,
  problem,
  retryAfterS: null,
})

export interface Message {
  id: string
  body: string
}

export interface Sender {
  /**
   * One signed POST, to `address` and nowhere else, whatever the name says by now.
   *
   * Never rejects: what goes wrong is in the answer.
   */
  send(url: URL, address: string, message: Message, secrets: readonly string[]): Promise<Attempt>
  close(): void
}

/** Connections are kept for the next message; they lead to addresses that were looked at when they were made. */
export function createSender({ timeoutMs = TIMEOUT_MS, ca }: { timeoutMs?: number; ca?: string } = {}): Sender {
  const options = { keepAlive: true, maxFreeSockets: MOST_AT_ONCE, timeout: 30_000 }
  const agents = { http: new http.Agent(options), https: new https.Agent({ ...options, ...(ca ? { ca } : {}) }) }
  return {
    send: async (url, address, { id, body }, secrets) => {
      const began = performance.now()
      const took = () => Math.round(performance.now() - began)
      try {
        const { status, text, retryAfter } = await post(
          url,
          address,
          agents,
          timeoutMs,
          body,
          signed(id, new Date(), body, secrets),
        )
        const ok = status >= 200 && status < 300
        const retryAfterS = retryAfterOf(status, retryAfter, new Date())
        const problem = ok ? null : problemOf(status)
        return { ok, status, durationMs: took(), answer: shortened(text), problem, retryAfterS }
      } catch (error) {
        return unanswered(inWords(error, timeoutMs), took())
      }
    },
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

interface Agents {
  http: http.Agent
  https: https.Agent
}

interface Answer {
  status: number
  text: string
  retryAfter: string | undefined
}

function post(
  url: URL,
  address: string,
  agents: Agents,
  timeoutMs: number,
  body: string,
  signature: object,
): Promise<Answer> {
  const secure = url.protocol === 'https:'
  const name = hostOf(url)
  const options: https.RequestOptions = {
    method: 'POST',
    // The certificate is checked against the name, the connection goes to the address.
    host: address,
    ...(isIP(name) > 0 ? {} : { servername: name }),
    port: url.port || (secure ? 443 : 80),
    path: url.pathname + url.search,
    agent: secure ? agents.https : agents.http,
    maxHeaderSize: 16 * 1024,
    headers: {
      host: url.host,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': `Rollcall/${VERSION}`,
      ...signature,
    },
  }
  return new Promise((resolve, reject) => {
    let response: http.IncomingMessage | undefined
    const request = (secure ? https : http).request(options, (answer) => {
      response = answer
      const chunks: Buffer[] = []
      let bytes = 0
      const done = () => {
        clearTimeout(timer)
        const text = Buffer.concat(chunks).subarray(0, MOST_BYTES).toString()
        resolve({ status: answer.statusCode ?? 0, text, retryAfter: answer.headers['retry-after'] })
      }
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes < MOST_BYTES) return
        done()
        request.destroy()
      })
      answer.on('end', done)
      answer.on('error', fail)
    })
    // From the first byte sent to the last one read: a receiver that sends slowly holds nothing up either.
    const timer = setTimeout(() => request.destroy(new TimedOut()), timeoutMs)
    function fail(error: Error) {
      clearTimeout(timer)
      // The other side closed a kept connection at the moment it was used again: that is no failure of the endpoint.
      const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
      if (isStale && !response) resolve(post(url, address, agents, timeoutMs, body, signature))
      else reject(error)
    }
    request.on('error', fail)
    request.end(body)
  })
}

class TimedOut extends Error {}

function problemOf(status: number): string {
  if (status >= 300 && status < 400) return 'It answered with a redirect, and redirects are not followed'
  return status === 410 ? 'It answered that it is gone for good' : `It answered ${status}`
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens there',
  ECONNRESET: 'The connection was cut',
  EHOSTUNREACH: 'The address can’t be reached',
  ENETUNREACH: 'The address can’t be reached',
  ETIMEDOUT: 'The address does not answer',
  CERT_HAS_EXPIRED: 'Its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is not signed by an authority that this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its certificate is not signed by an authority that this machine trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Its certificate is not signed by an authority that this machine trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name',
}

function inWords(error: unknown, timeoutMs: number): string {
  if (error instanceof TimedOut) return `It took longer than ${timeoutMs / 1000} s`
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return WORDS[code] ?? `The connection failed (${code})`
}

/** Text for people: no NUL, which the database would not take. */
const shortened = (text: string) => [...text.replaceAll('\0', '�')].slice(0, KEPT_CHARACTERS).join('')
