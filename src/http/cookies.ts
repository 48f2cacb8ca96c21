import { readCookie as readAmongOthers } from '../client/cookie.js'
import type { Config } from '../config.js'
import type { AppContext } from './env.js'

const LONGEST_HEADER = 8_192

/**
 * One cookie of a request. Two of the same name, an oversized or non-ASCII header have no value at all: a proxy in
 * front might read another one than we do (S-04).
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (!header || header.length > LONGEST_HEADER || /[^\x20-\x7e]/.test(header)) return undefined
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  return values.length === 1 ? values[0] : undefined
}

const sessionCookieName = (c: AppContext) => (isSecure(c) ? '__Host-rollcall' : 'rollcall')
const deviceCookieName = (c: AppContext) => (isSecure(c) ? '__Host-rollcall-device' : 'rollcall-device')

/** Plain http is for localhost alone (`refusePlainHttp` sees to it); everything else is https (S-02). */
export const isSecure = (c: AppContext): boolean => isHttps(c.get('config'))
export const isHttps = ({ publicUrl }: Pick<Config, 'publicUrl'>): boolean => publicUrl?.protocol === 'https:'

export const readSessionCookie = (c: AppContext): string | undefined =>
  readCookie(c.req.header('cookie'), sessionCookieName(c))

/** For the session's whole life at most; the server ends it sooner. */
export function setSessionCookie(c: AppContext, token: string, expiresAt: Date): void {
  setCookie(c, sessionCookieName(c), token, Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000)))
}

export function clearSessionCookie(c: AppContext): void {
  setCookie(c, sessionCookieName(c), '', 0)
}

/** Known to the accounts that signed in from this browser, so that others' guesses don't slow it down (S-23). */
export const readDeviceCookie = (c: AppContext): string | undefined =>
  readCookie(c.req.header('cookie'), deviceCookieName(c))

export function setDeviceCookie(c: AppContext, token: string): void {
  setCookie(c, deviceCookieName(c), token, 365 * 86_400)
}

/** On hosts that a proxy protects; on localhost they share their cookies with Rollcall itself, so it has a name of its own. */
export const hostCookieName = (config: Pick<Config, 'publicUrl'>): string =>
  isHttps(config) ? '__Host-rollcall-app' : 'rollcall-app'

export const readHostCookie = (c: AppContext): string | undefined =>
  readCookieOfHost(c.req.header('cookie'), hostCookieName(c.get('config')))

/**
 * One of our cookies on a protected host, where the application sets others as it likes: how long those are and in which
 * letters keeps nobody out. Two of its name have no value here either (S-04).
 */
export const readCookieOfHost = (header: string | undefined, name: string): string | undefined =>
  readAmongOthers(header, name) ?? undefined

/** For the session's whole life at most; the server ends it sooner. */
export function setHostCookie(c: AppContext, token: string, expiresAt: Date): void {
  setCookie(
    c,
    hostCookieName(c.get('config')),
    token,
    Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000)),
  )
}

export function clearHostCookie(c: AppContext): void {
  setCookie(c, hostCookieName(c.get('config')), '', 0)
}

const enteringCookieName = (c: AppContext) => (isSecure(c) ? '__Host-rollcall-entering' : 'rollcall-entering')

/** What proves that a browser which comes back with a code is the one that set out for it. */
export const readEnteringCookie = (c: AppContext): string | undefined =>
  readCookieOfHost(c.req.header('cookie'), enteringCookieName(c))

export function setEnteringCookie(c: AppContext, secret: string): void {
  setCookie(c, enteringCookieName(c), secret, 600)
}

export function clearEnteringCookie(c: AppContext): void {
  setCookie(c, enteringCookieName(c), '', 0)
}

function setCookie(c: AppContext, name: string, value: string, maxAge: number) {
  const secure = isSecure(c) ? '; Secure' : ''
  c.header('Set-Cookie', `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`, {
    append: true,
  })
}
