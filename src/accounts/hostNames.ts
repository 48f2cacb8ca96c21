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
 * @returns what is wrong with it, in words, where something is
 */
export function readHost(
  text: string,
  { secure, own }: { secure: boolean; own: string | undefined },
): { host: string } | { problem: string } {
  const typed = text.trim()
  if (!typed.includes('*')) {
    const host = canonicalHost(typed, secure)
    if (host && host === own) return { problem: 'must be another host than Rollcall’s own' }
    return host ? { host } : { problem: hostProblem(secure) }
  }
  const below = typed.startsWith('*.') && canonicalHost(typed.slice(2), secure)
  if (!below || /^[\d.]+(:|$)/.test(below))
    return { problem: 'can have one * alone, as the whole first label: *.example.com stands for a.example.com' }
  if (isPublicSuffix(below.replace(/:\d+$/, '')))
    return {
      problem: `must name a domain of yours after the *: hosts right under ${below} belong to many owners`,
    }
  return { host: `*.${below}` }
}

const hostProblem = (secure: boolean) =>
  secure
    ? 'must be a host such as wiki.example.com, or *.example.com, without https:// and without a path'
    : 'must be a host of this machine such as wiki.localhost:8080: others need https, and ROLLCALL_PUBLIC_URL'

/** Of the registries alone: which hosters let others have names under theirs (github.io) changes by the week. */
const isPublicSuffix = (name: string): boolean =>
  !name.includes('.') ||
  /^(ac|asn|co|com|ed|edu|firm|gen|go|gob|gouv|gov|govt|gv|id|ind|info|k12|lg|ltd|me|mil|muni|ne|net|nhs|nom|or|org|plc|police|priv|sch|school|web)\.[a-z]{2}$/.test(
    name,
  )

/** The wildcard that a host lies under: `*.example.com` for `a.example.com`, and for no other depth. */
export function wildcardOf(host: string): string | undefined {
  const [, below] = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(.+)$/.exec(host) ?? []
  return below && `*.${below}`
}
