import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { addressIn } from '../http/client.js'
import { hostCookieName, readCookie } from '../http/cookies.js'
import type { ActiveSession, AppEnv, Services } from '../http/env.js'
import { logRequest } from '../http/requestLog.js'
import { readAsked } from './asked.js'
import { letInCached } from './decide.js'
import { identityHeaders } from './identity.js'

const LINE = { method: 'GET', path: '/verify', status: 200 }
const PATHS = ['/verify', '/verify?redirect=never']

type Fetch = Hono<AppEnv>['fetch']

/**
 * Lets in from memory before anything else is done for the request, as nearly all are: no router, no query, no header
 * that only pages need. Whatever it can't answer at once goes the way of all requests, which decides the same.
 *
 * @param all the way of all requests
 */
export function fastForward(services: Services, all: Fetch): Fetch {
  const cookieName = hostCookieName(services.config)

  return (request, env) => {
    // Without a socket (in tests) nothing is known of who asks.
    if (!env || !('incoming' in env)) return all(request, env)
    const { incoming } = env
    if (incoming.method !== 'GET' || !PATHS.includes(incoming.url ?? '')) return all(request, env)
    const started = performance.now()
    const current = letIn(incoming)
    if (!current) return all(request, env)
    if (services.log.isLevelEnabled('debug')) log(env, request, started)
    return new Response('', { headers: headersFor(current) })
  }

  function log(env: HttpBindings, request: Request, started: number) {
    logRequest(services.log, { ...LINE, requestId: randomUUID(), started }, () =>
      addressIn(env, request.headers, services.trustedProxies),
    )
  }

  function letIn(incoming: HttpBindings['incoming']): ActiveSession | undefined {
    const source = { get: (name: string) => textOf(incoming.headers[name]) }
    const asked = readAsked({ incoming }, source, services.trustedProxies)
    const host = asked && services.hosts.findCached(asked.host)
    const token = host && readCookie(source.get('cookie'), cookieName)
    return token ? letInCached(services, host, asked, token) : undefined
  }
}

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? undefined : value)

/** Memory gives a busy session the same verdict each time, frozen: its headers are made once. */
const made = new WeakMap<ActiveSession, Record<string, string>>()

/** Nobody looks at this answer: it ends at the proxy, which takes the identity from it. */
function headersFor(verdict: ActiveSession): Record<string, string> {
  const before = made.get(verdict)
  if (before !== undefined) return before
  const headers = { 'Cache-Control': 'no-store', ...identityHeaders(verdict) }
  if (Object.isFrozen(verdict)) made.set(verdict, headers)
  return headers
}
