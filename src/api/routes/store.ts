import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { keepStored } from '../../accounts/keepStored.js'
import { BUILT_IN_APP } from '../../db/ids.js'
import type { AppContext, AppEnv } from '../../http/env.js'
import { notFound, PERHAPS_IN_PART, PublicError } from '../../http/errors.js'
import { endStored, findStored, touchStored } from '../../sessions/stored/stored.js'
import { clearStored, countStored, listStored } from '../../sessions/stored/storedAll.js'
import { keyText, type StoredKey } from '../../sessions/stored/storedRow.js'
import { badInputHook } from '../badInput.js'
import { clientFrom } from '../clientFrom.js'
import { answer, body, bodyProblems, forScope, forScopeWithBody, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { NoQuery } from '../schemas.js'
import {
  EndStored,
  FindStored,
  KeepStored,
  KeptOut,
  ListStored,
  pathSid,
  StoredCount,
  StoredEnded,
  StoredOut,
  StoredPageOut,
  StoredTouched,
  TouchStored,
} from './storeSchemas.js'

/** What apps keep in the place of their own session store, under session ids of their own. */
export const store = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Store']
const NOBODY = { ip: null, userAgent: '' }

const storedBy = (c: AppContext, key: Uint8Array): StoredKey => ({ appId: c.var.apiKey.app.id, key })

store.openapi(
  createRoute({
    method: 'get',
    path: '/store',
    operationId: 'listStored',
    summary: 'Everything that the key’s app has stored, in no order that means anything',
    tags,
    ...forScope('sessions:read'),
    request: { query: ListStored },
    responses: { 200: answer('A page of it', StoredPageOut), ...problems() },
  }),
  async (c) => {
    const { after, limit = 50 } = c.req.valid('query')
    const { items, next } = await listStored(c.var.db, c.var.apiKey.app.id, { after, limit })
    const out = items.map(({ key, content, session }) => ({ sid: keyText(key), data: content, session }))
    return c.json({ items: out, next: next && keyText(next) }, 200)
  },
)

store.openapi(
  createRoute({
    method: 'get',
    path: '/store/count',
    operationId: 'countStored',
    summary: 'How much the key’s app has stored; counted one by one',
    tags,
    ...forScope('sessions:read'),
    request: { query: NoQuery },
    responses: { 200: answer('The number', StoredCount), ...problems() },
  }),
  async (c) => c.json({ count: await countStored(c.var.db, c.var.apiKey.app.id) }, 200),
)

store.openapi(
  createRoute({
    method: 'delete',
    path: '/store',
    operationId: 'clearStore',
    summary: 'End everything that the key’s app has stored, with the sessions of all who are signed in with it',
    tags,
    ...forScope('sessions:write'),
    request: { query: NoQuery },
    responses: { 200: answer('It is empty', StoredEnded), ...problems() },
  }),
  async (c) => {
    c.set('doneSoFar', PERHAPS_IN_PART)
    return c.json({ ended: await clearStored(c.var.db, c.var.apiKey.app.id, c.var.actor) }, 200)
  },
)

store.openapi(
  createRoute({
    method: 'get',
    path: '/store/{sid}',
    operationId: 'findStored',
    summary: 'What is stored under a session id of the app’s own',
    tags,
    ...forScope('sessions:verify'),
    request: { params: pathSid, query: FindStored },
    responses: { 200: answer('As it was stored', StoredOut), ...problems(404, 410) },
  }),
  async (c) => {
    const found = await findStored(c.var.db, storedBy(c, c.req.valid('param').sid), c.req.valid('query'))
    if (found.status === 'unknown') throw notFound('stored session')
    if (found.status === 'over') throw refusal(found)
    return c.json({ data: found.content, session: found.session, mayHold: found.mayHold }, 200)
  },
)

store.openapi(
  createRoute({
    method: 'put',
    path: '/store/{sid}',
    operationId: 'keepStored',
    summary: 'Store it; who is named as signed in has a session from then on, like any other',
    tags,
    ...forScopeWithBody('sessions:write'),
    request: { params: pathSid, query: NoQuery, body: body(KeepStored) },
    responses: { 200: answer('It is stored', KeptOut), ...bodyProblems(404, 409, 410, 422) },
  }),
  async (c) => {
    // The built-in site is the panel: nobody else starts its sessions (S-38).
    if (c.var.apiKey.app.id === BUILT_IN_APP) throw notAnApp
    const { data: content, client = NOBODY, ...wanted } = c.req.valid('json')
    const which = storedBy(c, c.req.valid('param').sid)
    const from = await clientFrom(c, client)
    const kept = await keepStored(c.var.db, { ...which, ...wanted, content, client: from }, c.var.actor)
    if (kept.status === 'invalid') throw refusal({ ...kept, path: `account.${kept.path}` })
    if (kept.status !== 'kept') throw refusal(kept)
    return c.json({ session: kept.session, mayHold: kept.mayHold }, 200)
  },
)

const notAnApp = new PublicError(
  422,
  'built-in-app',
  'This key belongs to Rollcall itself',
  'Sessions are stored by an app, with a key of its own. Nothing was changed.',
)

store.openapi(
  createRoute({
    method: 'delete',
    path: '/store/{sid}',
    operationId: 'endStored',
    summary: 'End it, with the session of whoever is signed in with it; what has ended stays as it is',
    tags,
    ...forScope('sessions:write'),
    request: { params: pathSid, query: EndStored },
    responses: { 200: answer('It is over', StoredEnded), ...problems(404) },
  }),
  async (c) => {
    const { process, why = 'signed-out' } = c.req.valid('query')
    const ended = await endStored(c.var.db, storedBy(c, c.req.valid('param').sid), why, process)
    return c.json({ ended: ended ? 1 : 0 }, 200)
  },
)

store.openapi(
  createRoute({
    method: 'post',
    path: '/store/{sid}/touch',
    operationId: 'touchStored',
    summary: 'Note that it was used; never brings one back',
    tags,
    ...forScopeWithBody('sessions:verify'),
    request: { params: pathSid, query: NoQuery, body: body(TouchStored) },
    responses: { 200: answer('It was noted', StoredTouched), ...bodyProblems(404, 410) },
  }),
  async (c) => {
    const { client } = c.req.valid('json')
    const which = storedBy(c, c.req.valid('param').sid)
    const touched = await c.var.uses((db) => touchStored(db, which, client?.ip ?? null, c.var.places.findNow))
    if (touched.status === 'unknown') throw notFound('stored session')
    if (touched.status === 'over') throw refusal(touched)
    return c.json({}, 200)
  },
)
