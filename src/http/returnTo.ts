const LONGEST = 2_000

/** A path of our own to go on to after the sign-in, or undefined for anything that could lead elsewhere (S-26). */
export function safeReturnTo(text: string | undefined): string | undefined {
  const path = safePath(text)
  return path && /^\/(sign-in|sign-out|setup|invitation|hand-over)([/?]|$)/.test(path) ? undefined : path
}

/** The same on a host that a proxy protects: any path and query of one origin. */
export function safePath(text: string | undefined): string | undefined {
  if (!text || text.length > LONGEST || !text.startsWith('/') || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\'))
    return undefined
  if (text.startsWith('//') || /^\/+(%2f|%5c)/i.test(text)) return undefined
  const base = 'https://rollcall.invalid'
  if (!URL.canParse(text, base)) return undefined
  const url = new URL(text, base)
  if (url.origin !== base || url.pathname.startsWith('//')) return undefined
  return url.pathname + url.search
}

/**
 * Host and path of an address elsewhere, taken apart and not yet known to be one of ours: `findHost` decides (S-26).
 *
 * @param scheme that all our hosts have, with its colon
 */
export function hostAndPath(text: string | undefined, scheme: string): { host: string; path: string } | undefined {
  if (!text || text.length > LONGEST || !text.startsWith(`${scheme}//`)) return undefined
  const [, host, rest = ''] = /^([a-z0-9.:-]{1,260})(.*)$/.exec(text.slice(scheme.length + 2)) ?? []
  const path = rest === '' ? '/' : safePath(rest)
  return host && path ? { host, path } : undefined
}

export function signInPath(returnTo: string | undefined): string {
  const safe = safeReturnTo(returnTo)
  return safe ? `/sign-in?return_to=${encodeURIComponent(safe)}` : '/sign-in'
}
