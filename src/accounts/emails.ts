import { domainToASCII, domainToUnicode } from 'node:url'

export interface Email {
  /** As it is shown and written to. */
  text: string
  /** How addresses are compared: the same for every spelling of one address. */
  key: string
}

const LONGEST = 254
const LONGEST_LOCAL_PART = 64
/** No quoted local parts: nobody has one, and every mail header injection needs one. */
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~.-]+$/u
const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/

/**
 * Reads an e-mail address as somebody typed it: trimmed, NFKC, compared without case; the domain in one spelling,
 * whether typed in Unicode or as `xn--`.
 *
 * @returns undefined for what is not an address
 */
export function readEmail(typed: string): Email | undefined {
  const text = typed.normalize('NFKC').trim()
  const at = text.lastIndexOf('@')
  if (at < 1 || text.length > LONGEST) return undefined
  const local = text.slice(0, at)
  const domain = domainToASCII(text.slice(at + 1))
  if (
    local.length > LONGEST_LOCAL_PART ||
    !LOCAL_PART.test(local) ||
    local.startsWith('.') ||
    local.endsWith('.') ||
    local.includes('..')
  )
    return undefined
  if (!DOMAIN.test(domain)) return undefined
  // Lower case may come apart into several characters (the dotted capital I): normalised once more.
  return { text, key: `${local.toLowerCase().normalize('NFKC')}@${domain}` }
}

/**
 * Whether an address could be taken for another at a glance: letters of other alphabets, digits for letters, dots left
 * out, accents. The same address is not a look-alike.
 */
export function looksLike(one: Email, other: Email): boolean {
  return one.key !== other.key && skeleton(one.key) === skeleton(other.key)
}

/** Characters of other alphabets, and digits, that stand for a Latin letter in most typefaces. */
const LOOK_ALIKES = new Map(
  Object.entries({
    a: 'аαạ',
    b: 'ьв',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еεҽ3',
    g: 'ɡ',
    h: 'һн',
    j: 'јϳ',
    k: 'кκ',
    l: 'і1ιiɩӏ|',
    m: 'м',
    n: 'ոη',
    o: 'оο0օ',
    p: 'рρ',
    q: 'ԛ',
    r: 'г',
    s: 'ѕ5',
    t: 'тτ',
    u: 'υս',
    v: 'νѵ',
    w: 'ԝω',
    x: 'хχ',
    y: 'уγү',
  }).flatMap(([letter, alike]) => [...alike].map((character): [string, string] => [character, letter])),
)

/** What remains of an address when everything that the eye skips is gone. */
function skeleton(key: string): string {
  const at = key.lastIndexOf('@')
  const local = key.slice(0, at).replaceAll(/[._-]/g, '')
  return `${plain(local)}@${plain(domainToUnicode(key.slice(at + 1)))}`
}

function plain(text: string): string {
  const letters = [...text.normalize('NFD').replaceAll(/\p{M}/gu, '')].map(
    (character) => LOOK_ALIKES.get(character) ?? character,
  )
  return letters.join('').replaceAll('rn', 'm').replaceAll('vv', 'w')
}
