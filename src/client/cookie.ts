const EQUALS = 61
const SEMICOLON = 59
const SPACE = 32
const TAB = 9

/** Longer ones than browsers keep. */
const LONGEST_HEADER = 16 * 1024

/**
 * Finds one cookie in a `Cookie` header, without reading the others.
 *
 * @param name as it was set: names are compared letter by letter
 * @returns undefined where there is none; null where there is more than one of that name, or the header is oversized:
 *   parsers differ about which one counts, so none does (S-04)
 */
export function readCookie(header: string | null | undefined, name: string): string | undefined | null {
  if (!header) return undefined
  if (header.length > LONGEST_HEADER) return null
  let found: string | undefined
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    const equals = skipBlanks(header, at + name.length)
    if (header.charCodeAt(equals) !== EQUALS || !beginsPair(header, at)) continue
    if (found !== undefined) return null
    const end = header.indexOf(';', equals)
    found = (end < 0 ? header.slice(equals + 1) : header.slice(equals + 1, end)).trim()
  }
  return found
}

function skipBlanks(header: string, from: number): number {
  let at = from
  while (isBlank(header.charCodeAt(at))) at += 1
  return at
}

function beginsPair(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && isBlank(header.charCodeAt(before))) before -= 1
  return before < 0 || header.charCodeAt(before) === SEMICOLON
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB
