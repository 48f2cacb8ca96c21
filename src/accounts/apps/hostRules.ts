import { atLeast, ROLES, type Role } from '../types.js'

/** Who is let in: everyone, signed in or not, or whoever has at least this role. */
export const NEEDS = ['anyone', ...ROLES] as const
export type Needed = 'anyone' | Role

/** For a path and all that lies below it. */
export interface HostRule {
  /** Such as /admin: canonical, no slash at its end but for the root. */
  path: string
  role: Needed
}

/**
 * Who is let in to an address of a host: by the longest path that it lies in, else by the host's own role.
 *
 * The application behind may read an address otherwise than we do. What is not plain (dot segments, double slashes,
 * encoded slashes, a second layer of encoding) gets the strictest rule of the host; and of a path in capitals and the
 * same in small letters the stricter one counts.
 *
 * @param uri path and query as the browser sent them; undefined where the proxy did not say
 */
export function roleNeeded(
  { role, rules }: { role: Needed; rules: readonly HostRule[] },
  uri: string | undefined,
): Needed {
  if (rules.length === 0) return role
  const path = plainPath(uri)
  if (path === undefined) return strictest([role, ...rules.map((rule) => rule.role)])
  const lowered = rules.map((rule) => ({ ...rule, path: rule.path.toLowerCase() }))
  return strictest([longest(rules, path)?.role ?? role, longest(lowered, path.toLowerCase())?.role ?? role])
}

/** Decoded, without the query; undefined for what can be read in two ways. */
export function plainPath(uri: string | undefined): string | undefined {
  const raw = uri?.split(/[?#]/, 1)[0]
  if (!raw?.startsWith('/') || /%2f|%5c/i.test(raw)) return undefined
  const path = decoded(raw)
  if (path === undefined || /[\\;%\p{Cc}]|\/\/|\/\.{1,2}(\/|$)/u.test(path)) return undefined
  return path
}

export const isLetIn = (role: Role | undefined, needed: Needed): boolean =>
  needed === 'anyone' || (role !== undefined && atLeast(role, needed))

function decoded(raw: string): string | undefined {
  try {
    return raw.includes('%') ? decodeURIComponent(raw) : raw
  } catch {
    return undefined
  }
}

const longest = (rules: readonly HostRule[], path: string): HostRule | undefined =>
  rules.filter((rule) => liesIn(path, rule.path)).sort((one, other) => other.path.length - one.path.length)[0]

const liesIn = (path: string, above: string) => above === '/' || path === above || path.startsWith(`${above}/`)

const strictest = (needs: Needed[]): Needed => needs.reduce((one, other) => (rank(other) > rank(one) ? other : one))
const rank = (needed: Needed) => NEEDS.indexOf(needed)
