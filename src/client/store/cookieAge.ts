/** What is used of express-session's cookie, as an object or as its JSON. */
export interface CookieLike {
  originalMaxAge?: number | null | undefined
  expires?: Date | string | null | undefined
}

/** express-session takes ms; Rollcall whole seconds, of at most 400 days. */
const LONGEST_S = 400 * 86_400

/**
 * For how many seconds a session may lie unused, by its cookie.
 *
 * @returns null: it goes with the browser, so that the policy decides; 0: it is over already
 */
export function maxAgeOf(cookie: CookieLike | null | undefined): number | null {
  const ms = cookie?.originalMaxAge ?? untilThen(cookie?.expires)
  if (ms === undefined) return null
  return ms <= 0 ? 0 : Math.min(Math.ceil(ms / 1_000), LONGEST_S)
}

function untilThen(expires: CookieLike['expires']): number | undefined {
  if (expires === null || expires === undefined) return undefined
  const at = new Date(expires).getTime()
  return Number.isNaN(at) ? undefined : at - Date.now()
}

/**
 * What another process wrote carries its clock's time, and does not know of the touches since: a cookie that lies behind
 * counts from now. Whether the session is over is decided by Rollcall's clock alone.
 *
 * @param touchedAt wall time of the last touch by this process
 */
export function renewCookie(cookie: CookieLike | null | undefined, touchedAt?: number): void {
  if (!cookie || typeof cookie.originalMaxAge !== 'number' || !cookie.expires) return
  const left = touchedAt === undefined ? (untilThen(cookie.expires) ?? 0) : -1
  if (left > 0 && left <= cookie.originalMaxAge) return
  const expires = (touchedAt ?? 0) + cookie.originalMaxAge
  cookie.expires = new Date(expires > Date.now() ? expires : Date.now() + cookie.originalMaxAge)
}
