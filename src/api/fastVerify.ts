import type { MiddlewareHandler } from 'hono'
import { newId } from '../db/ids.js'
import { canonicalAddress } from '../devices/address.js'
import { GUARD } from '../http/authorise.js'
import { addressOf } from '../http/client.js'
import type { AppEnv, Services } from '../http/env.js'
import { headersOfData } from '../http/headers.js'
import { logRequest } from '../http/requestLog.js'
import { bearerIn, hasScope, onlyHeader } from './scope.js'
import { activeOut } from './verifySession.js'

export const VERIFY = '/api/v1/sessions/verify'
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

/**
 * Answers the usual check from memory before anything else is done for the request: no query, no validator, no header
 * that only pages need. Whatever it can't answer at once, and with certainty, goes the way of all requests, which
 * gives the same answer (`fastVerify.test.ts` holds one against the other).
 */
export function fastVerify(services: Services): MiddlewareHandler<AppEnv> {
  const headers = { ...headersOfData(services.config), 'Content-Type': 'application/json' }

  const handler: MiddlewareHandler<AppEnv> = async (c, next) => {
    const started = performance.now()
    const { verifier, touches, log } = services
    const key = keyOf(c.env.incoming)
    const asked = key && USUAL.exec(await textOf(c.req.arrayBuffer()))
    if (!asked) return next()
    const [, token = '', from] = asked
    const ip = from === undefined ? undefined : canonicalAddress(from)
    if (ip === null) return next()
    const verdict = verifier.verifyCached(token, { appId: key.app.id, ip, use: ip !== undefined })
    if (verdict === 'ask') return next()
    if (verdict.status === 'active' && ip !== undefined) touches.note(verdict.session.id, ip)
    const requestId = newId<string>()
    logRequest(log, { requestId, method: 'POST', path: VERIFY, status: 200, started }, () => addressOf(c, services))
    return new Response(JSON.stringify(verdict.status === 'active' ? activeOut(verdict) : verdict), {
      headers: { ...headers, 'X-Request-Id': requestId },
    })
  }

  function keyOf(incoming: AppEnv['Bindings']['incoming'] | undefined) {
    if (incoming?.url !== VERIFY) return undefined
    const { rawHeaders } = incoming
    if (onlyHeader(rawHeaders, 'content-type') !== 'application/json') return undefined
    if (!(Number(onlyHeader(rawHeaders, 'content-length')) <= LARGEST)) return undefined
    const secret = bearerIn(onlyHeader(rawHeaders, 'authorization'))
    const key = secret === undefined ? undefined : services.keys.findCached(secret)
    return key && hasScope(key, 'sessions:verify') ? key : undefined
  }

  return Object.assign(handler, { [GUARD]: 'sessions:verify' })
}

/** One character a byte: only ASCII matches. What breaks off is told by the way of all requests. */
const textOf = async (body: Promise<ArrayBuffer>): Promise<string> => {
  try {
    return Buffer.from(await body).toString('latin1')
  } catch {
    return ''
  }
}
