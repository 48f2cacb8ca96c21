import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ApiKey } from '../accounts/types.js'
import { canonicalAddress } from '../devices/address.js'
import { type AnswerAtOnce, headerList, orAllTheRest } from '../http/atOnce.js'
import { addressOfIncoming } from '../http/client.js'
import type { ActiveSession, Services } from '../http/env.js'
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

/**
 * Answers the usual check from memory before anything else is done for the request: no router, no query, no validator,
 * no header that only pages need. Whatever it can't answer at once, and with certainty, goes the way of all requests,
 * which gives the same answer (`fastVerify.test.ts` holds one against the other). It needs the same scope (S-30).
 */
export function fastVerify(services: Services): AnswerAtOnce {
  const { config, log, trustedProxies } = services
  const headers = headerList({ ...headersOfData(config), 'Content-Type': 'application/json' })

  return (incoming, outgoing, all) => {
    const key = orAllTheRest(() => keyOf(incoming))
    if (!key) return false
    const started = performance.now()
    readBody(incoming, (body) => {
      const verdict = orAllTheRest(() => check(body.toString('latin1'), key))
      if (verdict === undefined) {
        // What was read once can't be read again; the adapter takes it from here.
        Object.assign(incoming, { rawBody: body })
        return all()
      }
      const requestId = randomUUID()
      logRequest(log, { requestId, method: 'POST', path: PATH, status: 200, started }, () =>
        addressOfIncoming(incoming, trustedProxies),
      )
      const { text, length } = verdict
      outgoing.writeHead(200, [...headers, 'Content-Length', length, 'X-Request-Id', requestId])
      outgoing.end(text)
    })
    return true
  }

  function keyOf(incoming: IncomingMessage): ApiKey | undefined {
    if (incoming.url !== PATH || incoming.method !== 'POST') return undefined
    const { rawHeaders } = incoming
    if (onlyHeader(rawHeaders, 'content-type') !== 'application/json') return undefined
    if (!(Number(onlyHeader(rawHeaders, 'content-length')) <= LARGEST)) return undefined
    const secret = bearerIn(onlyHeader(rawHeaders, 'authorization'))
    const key = secret === undefined ? undefined : services.keys.findCached(secret)
    return key && hasScope(key, 'sessions:verify') ? key : undefined
  }

  /** @returns the answer; undefined where it takes more than memory, or where this is not the usual check */
  function check(body: string, key: ApiKey): Written | undefined {
    const asked = USUAL.exec(body)
    if (!asked) return undefined
    const [, token = '', from] = asked
    const ip = from === undefined ? undefined : canonicalAddress(from)
    if (ip === null) return undefined
    const verdict = services.verifier.verifyCached(token, { appId: key.app.id, ip, use: ip !== undefined })
    if (verdict === 'ask') return undefined
    if (verdict.status === 'denied') return write(verdict)
    if (ip !== undefined) services.touches.note(verdict.session.id, ip)
    return writtenOf(verdict)
  }
}

/** An answer's body, and how many bytes that is. */
interface Written {
  text: string
  length: string
}

function write(answer: object): Written {
  const text = JSON.stringify(answer)
  return { text, length: String(Buffer.byteLength(text)) }
}

/** Memory gives a busy session the same verdict each time, frozen: it is written once. */
const written = new WeakMap<ActiveSession, Written>()

function writtenOf(verdict: ActiveSession): Written {
  const before = written.get(verdict)
  if (before !== undefined) return before
  const answer = write(activeOut(verdict))
  if (Object.isFrozen(verdict)) written.set(verdict, answer)
  return answer
}

/** As it came, without a copy and without a promise; of who breaks off, nothing. */
function readBody(incoming: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.once('end', () => then(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
  incoming.on('error', () => {})
}
