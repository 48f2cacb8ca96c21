import type { HttpBindings } from '@hono/node-server'
import { canonicalAddress, clientAddress, inNetworks, type Networks } from '../devices/address.js'
import type { HeaderSource } from '../devices/headers.js'

/** What a reverse proxy says of the request that it holds back. */
export interface Asked {
  /** As the browser sent it. */
  host: string
  /** Path and query as the browser sent them; undefined where the proxy did not say one. */
  uri: string | undefined
  /** Canonical address of the visitor, or null when none can be told. */
  ip: string | null
  /** A person looks at the answer: a browser goes to a page. */
  isNavigation: boolean
  /** Timers and streams of an open page are no activity of the person (S-07). */
  isBackground: boolean
}

/**
 * Reads it from the headers that nginx is told to send and that Caddy and Traefik send by themselves: `X-Forwarded-Host`,
 * `-Uri`, `-Method`, `-For`. They are believed from trusted proxies alone (S-50).
 *
 * @returns undefined where the connection comes from anybody else
 */
export function readAsked(env: Partial<HttpBindings>, headers: HeaderSource, trusted: Networks): Asked | undefined {
  const peer = env.incoming?.socket?.remoteAddress
  if (peer === undefined || !isTrusted(peer, trusted)) return undefined
  const method = headers.get('x-forwarded-method') ?? 'GET'
  const reads = method === 'GET' || method === 'HEAD'
  return {
    host: headers.get('x-forwarded-host') ?? '',
    uri: oneAddress(headers.get('x-forwarded-uri')),
    ip: clientAddress(peer, headers, trusted),
    isNavigation: reads && navigates(headers),
    isBackground:
      reads && (headers.get('rollcall-background') === '1' || headers.get('accept') === 'text/event-stream'),
  }
}

/** A blank is in no address: of two headers Node makes one, with a comma and a blank between them. */
const oneAddress = (said: string | null | undefined) => (said && !said.includes(' ') ? said : undefined)

/** Proxies are few and ask all the time: what was found of the last one is found once. */
let last: { peer: string; trusted: Networks; is: boolean } | undefined

function isTrusted(peer: string, trusted: Networks): boolean {
  if (last?.peer !== peer || last.trusted !== trusted)
    last = { peer, trusted, is: inNetworks(canonicalAddress(peer), trusted) }
  return last.is
}

/** Browsers say so; of older ones, whoever wants a page. */
function navigates(headers: HeaderSource): boolean {
  const mode = headers.get('sec-fetch-mode')
  if (mode) return mode === 'navigate'
  return (headers.get('accept') ?? '').includes('text/html') && !headers.get('upgrade')
}
