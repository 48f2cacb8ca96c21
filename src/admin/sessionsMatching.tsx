import { Hono } from 'hono'
import { z } from 'zod'
import {
  EveryonePage,
  type MatchingErrors,
  matchingToast,
  RevokeMatchingPage,
} from '../../templates/admin/revokeMatching.js'
import { allow, currentSession } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { findJob } from '../sessions/many/jobs.js'
import { previewMatching } from '../sessions/many/previewMatching.js'
import { MOST_AT_ONCE, narrows, revokeMatching } from '../sessions/many/revokeMatching.js'
import type { SessionFilter } from '../sessions/types.js'
import { goOn } from './goOn.js'
import { ListQuery } from './sessions.js'

/** Signing out all that match a filter: what it hits is shown first, and typed where that is many. */
export const matchingRoutes = new Hono<AppEnv>()

/** Up to so many need no typing. */
export const TYPED_ABOVE = 100

const MatchingQuery = ListQuery.omit({ state: true, sort: true, after: true, before: true })
export type MatchingQuery = z.infer<typeof MatchingQuery>

const MatchingForm = MatchingQuery.extend({
  previewed: z.coerce.number().int().min(0),
  typed: z.string().max(40).optional(),
  reason: z.string().trim().max(500, 'at most 500 characters'),
  also_me: z.literal('on').optional(),
})
export type MatchingValues = Partial<Pick<z.infer<typeof MatchingForm>, 'typed' | 'reason' | 'also_me'>>

matchingRoutes.get('/revoke-matching', allow('responder'), async (c) =>
  previewPage(c, readQuery(c, MatchingQuery), {}, {}),
)

matchingRoutes.post('/revoke-matching', allow('responder'), async (c) => {
  const { previewed, typed, reason, also_me, ...query } = await readForm(c, MatchingForm)
  const values = { typed, reason, also_me }
  const errors = missing(previewed, typed ?? '', reason)
  if (Object.keys(errors).length > 0) return previewPage(c, query, values, errors, 422)
  const own = c.var.current.session.id
  const how = { previewed, except: also_me ? undefined : own }
  const revoked = await revokeMatching(c.var.db, filterOf(query), c.var.actor, reason, how)
  if (revoked.status !== 'done') return previewPage(c, query, {}, { form: WHY_NOT[revoked.status] }, 422)
  if (also_me && !(await currentSession(c))) {
    clearSessionCookie(c)
    return goOn(c, '/sign-in')
  }
  const job = await findJob(c.var.db, revoked.job)
  return goOn(c, `/admin/jobs/${revoked.job}`, job && matchingToast(job))
})

const WHY_NOT = {
  everyone: 'This would be everyone: that is an act of its own.',
  'too-many': `More than ${MOST_AT_ONCE.toLocaleString('en-GB')} match. Nothing was changed: narrow the filter down.`,
  grown: 'Many more match now than when you looked. Nothing was changed: look again at what it hits.',
}

function missing(previewed: number, typed: string, reason: string): MatchingErrors {
  const number = Number(typed.replaceAll(/[\s,.]/g, '') || Number.NaN)
  return {
    ...(reason === '' ? { reason: 'Say why: the audit log keeps it.' } : {}),
    ...(previewed > TYPED_ABOVE && number !== previewed ? { typed: 'Type the number that is shown above.' } : {}),
  }
}

const filterOf = ({ since, ...rest }: MatchingQuery): SessionFilter => ({
  ...rest,
  ...(since ? { since: new Date(since) } : {}),
})

async function previewPage(
  c: AppContext,
  query: MatchingQuery,
  values: MatchingValues,
  errors: MatchingErrors,
  status: 200 | 422 = 200,
) {
  const page = await pageOf(c)
  const filter = filterOf(query)
  if (!narrows(filter)) return c.html(<EveryonePage page={page} app={query.app} />, 422)
  const { db, actor, current, previews } = c.var
  const preview = await previews.take(current.account.id, () => previewMatching(db, filter, actor, current.session.id))
  return c.html(<RevokeMatchingPage {...{ page, query, preview, values, errors }} typedAbove={TYPED_ABOVE} />, status)
}
