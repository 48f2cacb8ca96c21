const LONGEST = 2_000

/** A path of our own to go on to after the sign-in, or undefined for anything that could lead elsewhere (S-26). */
export function safeReturnTo(text: string | undefined): string | undefined {
  if (!text || text.length > LONGEST || !text.startsWith('/') || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\'))
    return undefined
  if (text.startsWith('//') || /^\/+(%2f|%5c)/i.test(text)) return undefined
  const base = 'https://rollcall.invalid'
  if (!URL.canParse(text, base)) return undefined
  const url = new URL(text, base)
  if (url.origin !== base || url.pathname.startsWith('//')) return undefined
  if (/^\/(sign-in|sign-out|setup|invitation)(\/|$)/.test(url.pathname)) return undefined
  return url.pathname + url.search
}

export function signInPath(returnTo: string | undefined): string {
  const safe = safeReturnTo(returnTo)
  return safe ? `/sign-in?return_to=${encodeURIComponent(safe)}` : '/sign-in'
}
