import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiKey } from '../../accounts/types.js'
import { startVouchedSession } from '../../accounts/vouched.js'
import { type AppId, BUILT_IN_APP, type SessionId } from '../../db/ids.js'
import { recordRefusal } from '../../http/authorise.js'
import type { AppContext, AppEnv } from '../../http/env.js'
import { notFound, PublicError } from '../../http/errors.js'
import { listSessions } from '../../sessions/lists/list.js'
import { tooManyPeople, withPeople } from '../../sessions/lists/tooManyPeople.js'
import { findJob } from '../../sessions/many/jobs.js'
import { countRevocable, MOST_AT_ONCE, revokeMatching } from '../../sessions/many/revokeMatching.js'
import { findSession } from '../../sessions/read.js'
import { revokeSession } from '../../sessions/revoke.js'
import { endOnWordOfApp } from '../../sessions/stored/appEndings.js'
import { touchSessions } from '../../sessions/touch.js'
import type { SessionFilter } from '../../sessions/types.js'
import { badInputHook } from '../badInput.js'
import { clientFrom } from '../clientFrom.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, forScopeWithBody, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { NoQuery, namesSession, pathId } from '../schemas.js'
import { hasScope, missingScope, reachOf } from '../scope.js'
import { jobOut, Revoked } from './jobs.js'
import { SessionOut, SessionPage, sessionOut } from './sessionOut.js'
import {
  Counted,
  EndOne,
  RevokeMatching,
  SessionQuery,
  Started,
  StartSession,
  Touched,
  TouchSessions,
} from './sessionSchemas.js'

export const sessions = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Sessions']

sessions.openapi(
  createRoute({
    method: 'post',
    path: '/sessions',
    operationId: 'startSession',
    summary: 'Start a session for somebody whose credentials the app has checked',
    tags,
    ...forScopeCreating('sessions:write'),
    request: { query: NoQuery, body: body(StartSession) },
    responses: { 201: answer('It has started', Started), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { app, client, ...wanted } = c.req.valid('json')
    const from = await clientFrom(c, client)
    const started = await startVouchedSession(
      c.var.db,
      { ...wanted, appId: await appFor(c, app), client: from },
      c.var.actor,
    )
    if (started.status === 'invalid') throw refusal({ ...started, path: `account.${started.path}` })
    if (started.status !== 'started') throw refusal(started)
    return c.json({ session: sessionOut(started.session, c.var.apiKey), token: started.token }, 201)
  },
)

/** The built-in site is the panel: who may start its sessions may become an owner (S-38). Who tries is written down. */
async function appFor(c: AppContext, asked: AppId | undefined): Promise<AppId> {
  const key = c.var.apiKey
  const app = asked ?? key.app.id
  if (hasScope(key, 'admin')) return app
  if (app === key.app.id && app !== BUILT_IN_APP) return app
  await recordRefusal(c, { needed: 'admin', has: key.scopes, app: key.app.name, asked: app })
  throw app === key.app.id ? missingScope('admin') : notFound('app')
}

sessions.openapi(
  createRoute({
    method: 'get',
    path: '/sessions',
    operationId: 'listSessions',
    summary: 'List sessions, newest sign-in first',
    tags,
    ...forScope('sessions:read'),
    request: { query: SessionQuery },
    responses: { 200: answer('A page of them', SessionPage), ...problems(404) },
  }),
  async (c) => {
    const { after, before, limit, sort, ...filter } = c.req.valid('query')
    const reachable = await withPeople(c.var.db, within(c.var.apiKey, filter))
    const page = await listSessions(c.var.db, reachable, { after, before, limit, sort })
    const notice = (await tooManyPeople(c.var.db, reachable)) ?? null
    return c.json({ ...page, items: page.items.map((session) => sessionOut(session, c.var.apiKey)), notice }, 200)
  },
)

function within(key: ApiKey, filter: SessionFilter): SessionFilter {
  const { appId } = reachOf(key)
  if (appId && filter.app && filter.app !== appId) throw notFound('app')
  return { ...filter, app: appId ?? filter.app }
}

sessions.openapi(
  createRoute({
    method: 'get',
    path: '/sessions/{id}',
    operationId: 'findSession',
    summary: 'One session',
    tags,
    ...forScope('sessions:read'),
    request: { params: pathId<SessionId>(), query: NoQuery },
    responses: { 200: answer('As it now is', SessionOut), ...problems(404) },
  }),
  async (c) => {
    const session = await findSession(c.var.db, c.req.valid('param').id, reachOf(c.var.apiKey))
    if (!session) throw notFound('session')
    return c.json(sessionOut(session, c.var.apiKey), 200)
  },
)

sessions.openapi(
  createRoute({
    method: 'delete',
    path: '/sessions/{id}',
    operationId: 'revokeSession',
    summary: 'End a session for good; what has ended stays as it is',
    tags,
    ...forScope('sessions:write'),
    request: { params: pathId<SessionId>(), query: EndOne },
    responses: { 200: answer('As it now is', SessionOut), ...problems(404, 422) },
  }),
  async (c) => {
    const { reason = null, why } = c.req.valid('query')
    const { id } = c.req.valid('param')
    const { apiKey, db } = c.var
    const session = why
      ? await endOnWordOfApp(db, id, why, { appId: speakingFor(apiKey), key: apiKey, reason })
      : await revokeSession(db, id, c.var.actor, reason, reachOf(apiKey))
    if (!session) throw notFound('session')
    return c.json(sessionOut(session, apiKey), 200)
  },
)

/** @throws PublicError for a key of Rollcall itself: whoever signs out there does it there */
function speakingFor({ app }: ApiKey): AppId {
  if (app.id === BUILT_IN_APP) throw notAnApp
  return app.id
}

const notAnApp = new PublicError(
  422,
  'built-in-app',
  'This key belongs to Rollcall itself',
  'An app says with why what a person did in it, with a key of its own. Leave why out to sign them out. Nothing was changed.',
)

sessions.openapi(
  createRoute({
    method: 'post',
    path: '/sessions/revoke',
    operationId: 'revokeSessions',
    summary: 'End every live session that matches a filter; dryRun only counts them',
    tags,
    ...forScopeCreating('sessions:write'),
    request: { query: NoQuery, body: body(RevokeMatching) },
    responses: {
      200: answer('How many it would end', Counted),
      202: answer('They have ended; their rows are marked by and by', Revoked),
      ...bodyProblems(404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { filter, reason, dryRun, expected } = c.req.valid('json')
    const reachable = within(c.var.apiKey, filter)
    if (dryRun) {
      const count = () => countRevocable(c.var.db, reachable, c.var.actor)
      return c.json({ count: await c.var.counts.take(c.var.apiKey.id, count) }, 200)
    }
    const { appId } = reachOf(c.var.apiKey)
    const revoked = await revokeMatching(c.var.db, reachable, c.var.actor, reason, {
      app: appId,
      previewed: expected,
    })
    if (revoked.status === 'grown') throw grown(revoked.now)
    if (revoked.status !== 'done') throw tooMany()
    const job = await findJob(c.var.db, revoked.job)
    if (!job) throw new Error(`job ${revoked.job} is gone`)
    return c.json({ job: jobOut(job) }, 202)
  },
)

const grown = (now: number) =>
  new PublicError(
    422,
    'many-more-match',
    'Many more sessions match than were expected',
    `It is ${now.toLocaleString('en')} now. Nothing was changed: count again with dryRun.`,
  )

const tooMany = () =>
  new PublicError(
    422,
    'too-many-matches',
    'Too many sessions match',
    `At most ${MOST_AT_ONCE.toLocaleString('en')} are ended at once: narrow the filter. Nothing was changed.`,
  )

sessions.openapi(
  createRoute({
    method: 'post',
    path: '/sessions/touch',
    operationId: 'touchSessions',
    summary: 'Note that sessions were used; never brings one back',
    tags,
    ...forScopeWithBody('sessions:verify'),
    request: { query: NoQuery, body: body(TouchSessions) },
    responses: { 200: answer('Which of them have ended, or never were', Touched), ...bodyProblems() },
  }),
  async (c) => {
    const { items } = c.req.valid('json')
    const touches = items.filter(namesSession).map((item) => ({ ...item, ip: item.ip ?? null }))
    const none = items.filter((item) => !namesSession(item)).map(({ id }) => id)
    const ended = await c.var.uses((db) => touchSessions(db, touches, c.var.places.findNow, reachOf(c.var.apiKey)))
    return c.json({ ended: [...ended, ...none] }, 200)
  },
)
