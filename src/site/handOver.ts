import { Hono } from 'hono'
import { z } from 'zod'
import type { ProtectedHost } from '../accounts/apps/protectedHosts.js'
import { anyone, currentSession } from '../http/authorise.js'
import { isSecure } from '../http/cookies.js'
import type { ActiveSession, AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { originOf } from '../http/origin.js'
import { readQuery } from '../http/parse.js'
import { hostAndPath, safePath, safeReturnTo } from '../http/returnTo.js'
import { offerHandOver, whyNotHandOver } from '../sessions/handOver.js'

/** Where somebody wants to be after the sign-in: here, or on a protected host. */
export interface Destination {
  /** As the form sends it back. */
  returnTo: string
  host: ProtectedHost | undefined
  /** What leads there. */
  url: string
}

/** @returns undefined for anything that could lead elsewhere (S-26): of other hosts only those that are set up count */
export async function destinationOf(c: AppContext, returnTo: string | undefined): Promise<Destination | undefined> {
  const here = safeReturnTo(returnTo)
  if (here) return { returnTo: here, host: undefined, url: here }
  const there = hostAndPath(returnTo, isSecure(c) ? 'https:' : 'http:')
  const host = there && (await c.var.hosts.find(there.host))
  if (!host) return undefined
  const origin = originOf(c, host.host)
  return {
    returnTo: origin + there.path,
    host,
    url: `${origin}/.rollcall/enter?return_to=${encodeURIComponent(there.path)}`,
  }
}

/** Why the sign-in that is there does not do for a host: a session of it there was ended by somebody. */
export const whyNotThere = async (c: AppContext, current: ActiveSession, { host }: Destination) =>
  host && whyNotHandOver(c.var.db, current.session.id, host.app.id)

const HandOverQuery = z.strictObject({
  host: z.string().max(260, 'is too long'),
  return_to: z.string(),
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 as base64url'),
})

export const handOver = new Hono<AppEnv>()

/** A browser that has set out from a protected host gets a code for it, if it is signed in here. */
handOver.get('/hand-over', anyone(), async (c) => {
  const query = readQuery(c, HandOverQuery)
  const host = await c.var.hosts.find(query.host)
  if (!host) throw notFound('protected host')
  const returnTo = safePath(query.return_to) ?? '/'
  const origin = originOf(c, host.host)
  const current = await currentSession(c)
  if (!current || (await whyNotHandOver(c.var.db, current.session.id, host.app.id)))
    return c.redirect(`/sign-in?return_to=${encodeURIComponent(origin + returnTo)}`, 303)
  c.var.touches.note(current.session.id, c.var.ip)
  const to = { host: host.host, appId: host.app.id, challenge: query.challenge }
  const code = await offerHandOver(c.var.db, current.session.id, to)
  return c.redirect(`${origin}/.rollcall/enter?${new URLSearchParams({ code, return_to: returnTo })}`, 303)
})
