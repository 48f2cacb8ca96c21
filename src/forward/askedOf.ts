import { canonicalHost } from '../accounts/apps/hostNames.js'
import { isSecure } from '../http/cookies.js'
import type { AppContext } from '../http/env.js'
import { PublicError } from '../http/errors.js'
import { type Asked, readAsked } from './asked.js'
import type { MatchedHost } from './rememberedHosts.js'

/**
 * What the proxy asks, and about which of our hosts.
 *
 * @throws PublicError 403 for who is no trusted proxy, and for a host that is not set up: nobody is let in there
 */
export async function askedOf(c: AppContext): Promise<{ asked: Asked; host: MatchedHost }> {
  const asked = readAsked(c.env, { get: (name) => c.req.header(name) }, c.var.trustedProxies)
  if (!asked) throw notTrusted()
  const host = await findAsked(c, asked.host)
  if (!host) throw notSetUp(asked.host)
  return { asked, host }
}

/** Nearly every host comes in its one spelling. */
async function findAsked(c: AppContext, host: string): Promise<MatchedHost | undefined> {
  const found = await c.var.hosts.find(host)
  const canonical = found ? undefined : canonicalHost(host, isSecure(c))
  return found ?? (canonical === undefined ? undefined : c.var.hosts.find(canonical))
}

const notTrusted = () =>
  new PublicError(
    403,
    'not-a-trusted-proxy',
    'This address is for reverse proxies',
    'The connection comes from an address that ROLLCALL_TRUSTED_PROXIES does not name, so nothing that it says of its visitors is believed. Name the proxy’s own address there.',
  )

const notSetUp = (host: string) =>
  new PublicError(
    403,
    'host-not-set-up',
    'This host is not set up',
    `Nobody is let in to “${host.slice(0, 100)}”: Rollcall does not know it. An owner adds it in Settings, Protected hosts.`,
  )
