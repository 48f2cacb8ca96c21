import { isShared } from './sharedDomains.js'

/**
 * One spelling for each host, as a browser sends it: small letters, Punycode, no dot at its end, no usual port.
 *
 * @param secure otherwise only names of this very machine count: cookies would travel in the clear (S-02)
 * @returns undefined for what is no host
 */
export function canonicalHost(text: string, secure: boolean): string | undefined {
  const typed = text.trim()
  const scheme = secure ? 'https' : 'http'
  if (!/^[^\s/?#@\\%]{1,259}$/.test(typed) || !URL.canParse(`${scheme}://${typed}`)) return undefined
  const url = new URL(`${scheme}://${typed}`)
  const name = url.hostname.replace(/\.$/, '')
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) return undefined
  if (!secure && name !== 'localhost' && name !== '127.0.0.1' && !name.endsWith('.localhost')) return undefined
  return url.port ? `${name}:${url.port}` : name
}

/**
 * What may be protected: a host, or with `*.` before it all hosts that have one label more.
 *
 * @param own Rollcall's own host, which is never protected by itself
 * @returns all that is wrong with it, in words, where something is
 */
export function readHost(
  text: string,
  { secure, own }: { secure: boolean; own: string | undefined },
): { host: string } | { problem: string } {
  const typed = text.trim()
  const isWildcard = typed.includes('*')
  const name = typed.replace(/^\*\./, '')
  const host = canonicalHost(name, secure)
  // What needs https is read all the same: the rest of what is wrong with it should be said at once.
  const read = host ?? canonicalHost(name, true)
  if (!read || (isWildcard && /^[\d.]+(:|$)/.test(read))) return { problem: isWildcard ? ODD_STAR : oddHost(secure) }
  const domain = read.replace(/:\d+$/, '')
  const problems = [
    ...(isWildcard && isShared(domain)
      ? [`must name a domain of yours after the *: hosts right under ${domain} belong to many owners`]
      : []),
    ...(host ? [] : [NEEDS_HTTPS]),
    ...(!isWildcard && host === own ? ['must be another host than Rollcall’s own'] : []),
  ]
  if (!host || problems.length > 0) return { problem: problems.join('; and ') }
  return { host: isWildcard ? `*.${host}` : host }
}

const ODD_STAR = 'can have one * alone, as the whole first label: *.example.com stands for a.example.com'
const NEEDS_HTTPS =
  'must be a host of this machine such as wiki.localhost:8080: others need https, and ROLLCALL_PUBLIC_URL'

const oddHost = (secure: boolean) =>
  secure
    ? 'must be a host such as wiki.example.com, or *.example.com, without https:// and without a path'
    : 'must be a host such as wiki.localhost:8080, or *.apps.localhost, without http:// and without a path'

/** The wildcard that a host lies under: `*.example.com` for `a.example.com`, and for no other depth. */
export function wildcardOf(host: string): string | undefined {
  const [, below] = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(.+)$/.exec(host) ?? []
  return below && `*.${below}`
}
