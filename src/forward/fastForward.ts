import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { hostCookieName, readCookie } from '../http/cookies.js'
import type { ActiveSession, AppEnv, Services } from '../http/env.js'
import { headersOfData } from '../http/headers.js'
import { logRequest } from '../http/requestLog.js'
import { readAsked } from './asked.js'
import { letInCached } from './decide.js'
import { identityHeaders } from './identity.js'

const PATHS = ['/verify', '/verify?redirect=never']

type Fetch = Hono<AppEnv>['fetch']

/**
 * Lets in from memory before anything else is done for the request, as nearly all are: no router, no query, no header
 * that only pages need. Whatever it can't answer at once goes the way of all requests, which gives the same answer.
 *
 * @param all the way of all requests
 */
export function fastForward(services: Services, all: Fetch): Fetch {
  const headers = headersOfData(services.config)
  const cookieName = hostCookieName(services.config)

  return (request, env) => {
    // Without a socket (in tests) nothing is known of who asks.
    if (!env || !('incoming' in env)) return all(request, env)
    const { incoming } = env
    if (incoming.method !== 'GET' || !PATHS.includes(incoming.url ?? '')) return all(request, env)
    const started = performance.now()
    const found = letIn(incoming)
    if (!found) return all(request, env)
    const requestId = randomUUID()
    logRequest(services.log, { requestId, method: 'GET', path: '/verify', status: 200, started }, () => found.ip)
    return new Response('', { headers: { ...headers, ...identityOf(found.current), 'X-Request-Id': requestId } })
  }

  function letIn(incoming: HttpBindings['incoming']): { current: ActiveSession; ip: string | null } | undefined {
    const source = { get: (name: string) => textOf(incoming.headers[name]) }
    const asked = readAsked({ incoming }, source, services.trustedProxies)
    const host = asked && services.hosts.findCached(asked.host)
    const token = host && readCookie(source.get('cookie'), cookieName)
    const current = token && letInCached(services, host, asked, token)
    return current ? { current, ip: asked.ip } : undefined
  }
}

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? undefined : value)

/** Memory gives a busy session the same verdict each time, frozen: its headers are made once. */
const made = new WeakMap<ActiveSession, Record<string, string>>()

function identityOf(verdict: ActiveSession): Record<string, string> {
  const before = made.get(verdict)
  if (before !== undefined) return before
  const headers = identityHeaders(verdict)
  if (Object.isFrozen(verdict)) made.set(verdict, headers)
  return headers
}
