import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import type { ApiKey } from '../accounts/types.js'
import { canonicalAddress } from '../devices/address.js'
import { addressIn } from '../http/client.js'
import type { ActiveSession, AppEnv, Services } from '../http/env.js'
import { headersOfData } from '../http/headers.js'
import { logRequest } from '../http/requestLog.js'
import { bearerIn, hasScope, onlyHeader } from './scope.js'
import { activeOut } from './verifySession.js'

const PATH = '/api/v1/sessions/verify'
/** Far below the limit of a body, far above a token with an address and a user agent. */
const LARGEST = 8_192

const token = '"token" : "([\\w-]{1,100})"'
const ip = '"ip" : "([0-9a-fA-F.:]{2,45})"'
const userAgent = '"userAgent" : "(?:[\\x20!#-\\[\\]-~]|\\\\/)*"'
const WHITE_SPACE = '[ \\t\\r\\n]*'
/**
 * What nearly every check looks like, spelled so that nothing about it is open to a second reading (S-53): these fields
 * in this order, printable ASCII without escapes. A blank here stands for any white space of JSON.
 */
const USUAL = new RegExp(
  `^ \\{ ${token} (?:, "client" : \\{ ${ip} , ${userAgent} \\} )?\\} $`.replaceAll(' ', WHITE_SPACE),
)

type Fetch = Hono<AppEnv>['fetch']

/**
 * Answers the usual check from memory before anything else is done for the request: no router, no query, no validator,
 * no header that only pages need. Whatever it can't answer at once, and with certainty, goes the way of all requests,
 * which gives the same answer (`fastVerify.test.ts` holds one against the other). It needs the same scope (S-30).
 *
 * @param all the way of all requests
 */
export function fastVerify(services: Services, all: Fetch): Fetch {
  const headers = { ...headersOfData(services.config), 'Content-Type': 'application/json' }

  return (request, env) => {
    // Without a socket (in tests) nothing is known of how the headers came.
    if (!env || !('incoming' in env)) return all(request, env)
    const key = keyOf(env.incoming)
    return key ? verify(request, env, key) : all(request, env)
  }

  function keyOf(incoming: HttpBindings['incoming']): ApiKey | undefined {
    if (incoming.url !== PATH || incoming.method !== 'POST') return undefined
    const { rawHeaders } = incoming
    if (onlyHeader(rawHeaders, 'content-type') !== 'application/json') return undefined
    if (!(Number(onlyHeader(rawHeaders, 'content-length')) <= LARGEST)) return undefined
    const secret = bearerIn(onlyHeader(rawHeaders, 'authorization'))
    const key = secret === undefined ? undefined : services.keys.findCached(secret)
    return key && hasScope(key, 'sessions:verify') ? key : undefined
  }

  async function verify(request: Request, env: HttpBindings, key: ApiKey): Promise<Response> {
    const started = performance.now()
    const body = await readBody(env.incoming)
    const verdict = check(body.toString('latin1'), key)
    if (verdict === undefined) return all(request, withBody(env, body))
    const requestId = randomUUID()
    const { log, trustedProxies } = services
    logRequest(log, { requestId, method: 'POST', path: PATH, status: 200, started }, () =>
      addressIn(env, request.headers, trustedProxies),
    )
    return new Response(verdict, { headers: { ...headers, 'X-Request-Id': requestId } })
  }

  /** @returns the answer; undefined where it takes more than memory, or where this is not the usual check */
  function check(body: string, key: ApiKey): string | undefined {
    const asked = USUAL.exec(body)
    if (!asked) return undefined
    const [, token = '', from] = asked
    const ip = from === undefined ? undefined : canonicalAddress(from)
    if (ip === null) return undefined
    const verdict = services.verifier.verifyCached(token, { appId: key.app.id, ip, use: ip !== undefined })
    if (verdict === 'ask') return undefined
    if (verdict.status === 'denied') return JSON.stringify(verdict)
    if (ip !== undefined) services.touches.note(verdict.session.id, ip)
    return textOf(verdict)
  }
}

/** Memory gives a busy session the same verdict each time, frozen: it is written once. */
const written = new WeakMap<ActiveSession, string>()

function textOf(verdict: ActiveSession): string {
  const before = written.get(verdict)
  if (before !== undefined) return before
  const text = JSON.stringify(activeOut(verdict))
  if (Object.isFrozen(verdict)) written.set(verdict, text)
  return text
}

/** As it came, without a copy: an `ArrayBuffer` of its own for each request is work for the garbage collector. */
function readBody(incoming: HttpBindings['incoming']): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = []
    incoming.on('data', (chunk: Buffer<ArrayBuffer>) => chunks.push(chunk))
    incoming.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    incoming.once('error', reject)
  })
}

/**
 * What was read once can't be read again; the adapter takes it from here. A new `Request` with it would be made for each
 * miss, and young collections then keep whatever the process does afterwards.
 */
const withBody = (env: HttpBindings, rawBody: Buffer): HttpBindings => {
  Object.assign(env.incoming, { rawBody })
  return env
}
