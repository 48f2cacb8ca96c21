import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type AnswerAtOnce, headerList, orAllTheRest } from '../http/atOnce.js'
import { addressOfIncoming, headersOfIncoming } from '../http/client.js'
import { hostCookieName, readCookieOfHost } from '../http/cookies.js'
import type { ActiveSession, Services } from '../http/env.js'
import { logRequest } from '../http/requestLog.js'
import { readAsked } from './asked.js'
import { letInCached } from './decide.js'
import { identityHeaders } from './identity.js'

const LINE = { method: 'GET', path: '/verify', status: 200 }
const PATHS = ['/verify', '/verify?redirect=never']

/**
 * Lets in from memory before anything else is done for the request, as nearly all are: no router, no query, no header
 * that only pages need. Whatever it can't answer at once goes the way of all requests, which decides the same.
 */
export function fastForward(services: Services): AnswerAtOnce {
  const { config, log, trustedProxies, hosts } = services
  const cookieName = hostCookieName(config)

  return (incoming, outgoing) => {
    if (incoming.method !== 'GET' || !PATHS.includes(incoming.url ?? '')) return false
    const started = performance.now()
    const current = orAllTheRest(() => letIn(incoming))
    if (!current) return false
    if (log.isLevelEnabled('debug'))
      logRequest(log, { ...LINE, requestId: randomUUID(), started }, () => addressOfIncoming(incoming, trustedProxies))
    outgoing.writeHead(200, headersFor(current))
    outgoing.end()
    return true
  }

  function letIn(incoming: IncomingMessage): ActiveSession | undefined {
    const headers = headersOfIncoming(incoming)
    const asked = readAsked({ incoming }, headers, trustedProxies)
    const host = asked && hosts.findCached(asked.host)
    const token = host && readCookieOfHost(headers.get('cookie'), cookieName)
    return token ? letInCached(services, host, asked, token) : undefined
  }
}

/** Memory gives a busy session the same verdict each time, frozen: its headers are made once. */
const made = new WeakMap<ActiveSession, string[]>()

/** Nobody looks at this answer: it ends at the proxy, which takes the identity from it. */
function headersFor(verdict: ActiveSession): string[] {
  const before = made.get(verdict)
  if (before !== undefined) return before
  const headers = headerList({ 'Cache-Control': 'no-store', 'Content-Length': '0', ...identityHeaders(verdict) })
  if (Object.isFrozen(verdict)) made.set(verdict, headers)
  return headers
}
