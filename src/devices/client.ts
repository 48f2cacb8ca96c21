import { canonicalAddress, clientAddress, type Networks } from './address.js'
import { readDevice, USER_AGENT_LIMIT } from './device.js'
import type { HeaderSource } from './headers.js'
import type { Places } from './place.js'
import type { Client } from './types.js'

/** What a request came from, as this server saw it. */
export async function readClient(request: {
  headers: HeaderSource
  /** The connection's other end, as the socket gives it. */
  peer: string | undefined
  /** Proxies whose forwarded headers are believed. */
  trusted: Networks
  places: Pick<Places, 'find'>
}): Promise<Client> {
  const { headers, peer, trusted, places } = request
  return describeClient({ ip: clientAddress(peer, headers, trusted), headers, places })
}

/**
 * What a request came from, as another program tells of it: the address in any spelling, and the headers that it got
 * (`User-Agent`, Client Hints). Unlike those of `readClient`, forwarded headers among them are not read.
 */
export async function describeClient(told: {
  ip: string | null
  headers: HeaderSource
  places: Pick<Places, 'find'>
}): Promise<Client> {
  const { headers, places } = told
  const ip = told.ip === null ? null : canonicalAddress(told.ip)
  const userAgent = storable(headers.get('user-agent') ?? '')
  const device = readDevice({ userAgent, get: (name) => headers.get(name) })
  return { ip, place: await places.find(ip), userAgent, device }
}

/** As sent, within the limit, and without what PostgreSQL's text cannot hold: NUL and lone surrogates. */
function storable(userAgent: string): string {
  return userAgent.slice(0, USER_AGENT_LIMIT).replace(/[\0\p{Cs}]/gu, '')
}
