import type { HeaderSource } from './headers.js'

/**
 * The hops that proxies wrote down, nearest first, as raw text; null stands for a hop that cannot be read.
 *
 * Only one header is ever read: `X-Forwarded-For` where it is present, else `Forwarded` (RFC 7239). Nearly every proxy
 * writes the former and passes a visitor's own `Forwarded` on untouched, so the order is the safe one. A proxy that
 * writes `Forwarded` has to remove the other (the README says so).
 */
export function forwardedHops(headers: HeaderSource): Iterable<string | null> {
  const forwardedFor = headers.get('x-forwarded-for')
  if (forwardedFor?.trim()) return elementsFromRight(forwardedFor)
  const forwarded = headers.get('forwarded')
  return forwarded?.trim() ? forNodesFromRight(forwarded) : []
}

function* forNodesFromRight(header: string): Generator<string | null> {
  for (const element of elementsFromRight(header)) yield forNode(element)
}

/**
 * Splits at commas outside quotes, from the right: the left part is the visitor's own writing, and an unclosed quote
 * there must not swallow what the proxies appended. Empty elements are skipped (RFC 9110, 5.6.1).
 */
function* elementsFromRight(header: string): Generator<string> {
  let end = header.length
  let quoted = false
  for (let at = header.length - 1; at >= 0; at--) {
    const character = header[at]
    if (character === '"' && !(quoted && isEscaped(header, at))) quoted = !quoted
    if (character !== ',' || quoted) continue
    const element = header.slice(at + 1, end).trim()
    end = at
    if (element) yield element
  }
  const first = header.slice(0, end).trim()
  if (first) yield first
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

const PAIR = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";,=]+))[ \t]*(?:;|$)/y

/**
 * The value of the one `for` of a `Forwarded` element; null where there is none, or several, or anything else is not in
 * order. Pair by pair, since a proxy may quote what the visitor wrote: `host=";for=192.0.2.1;"`.
 */
function forNode(element: string): string | null {
  const nodes: string[] = []
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < element.length) {
    const pair = PAIR.exec(element)
    if (!pair) return null
    const [, name = '', quoted, token = ''] = pair
    if (name.toLowerCase() === 'for') nodes.push(quoted?.replace(/\\(.)/g, '$1') ?? token)
  }
  return nodes.length === 1 ? (nodes[0] ?? null) : null
}
