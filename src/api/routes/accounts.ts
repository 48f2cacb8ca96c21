import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { createAccount, updateAccount } from '../../accounts/accounts.js'
import { blockAccount, liftAccountBlock } from '../../accounts/blocks/blocks.js'
import { listAccounts } from '../../accounts/list.js'
import { inviteAccount } from '../../accounts/passwords/invitations.js'
import { requireNewPassword } from '../../accounts/passwords/requirePassword.js'
import { findAccount } from '../../accounts/read.js'
import type { AccountId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { ownOrigin } from '../../http/origin.js'
import { revokeAccountSessions } from '../../sessions/revoke.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, forScopeWithBody, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { NoQuery, pathId, Reason } from '../schemas.js'
import { reachOf } from '../scope.js'
import {
  AccountOut,
  AccountPage,
  AccountQuery,
  AccountSessionsRevoked,
  accountOut,
  BlockAccount,
  BlockOut,
  blockOut,
  ChangeAccount,
  CreateAccount,
  Invitation,
  InviteAccount,
  RequireNewPassword,
  RevokeAccountSessions,
} from './accountSchemas.js'

export const accounts = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Accounts']
const params = pathId<AccountId>()

accounts.openapi(
  createRoute({
    method: 'get',
    path: '/accounts',
    operationId: 'listAccounts',
    summary: 'List accounts in the order of their names',
    tags,
    ...forScope('accounts:write'),
    request: { query: AccountQuery },
    responses: { 200: answer('A page of them', AccountPage), ...problems() },
  }),
  async (c) => {
    const { after, before, limit, ...filter } = c.req.valid('query')
    const page = await listAccounts(c.var.db, filter, { after, before, limit })
    return c.json({ ...page, items: page.items.map(accountOut) }, 200)
  },
)

accounts.openapi(
  createRoute({
    method: 'post',
    path: '/accounts',
    operationId: 'createAccount',
    summary: 'Make an account; it has no password',
    tags,
    ...forScopeCreating('accounts:write'),
    request: { query: NoQuery, body: body(CreateAccount) },
    responses: { 201: answer('It is there', AccountOut), ...bodyProblems(409, 422) },
  }),
  async (c) => {
    const created = await createAccount(c.var.db, c.req.valid('json'), c.var.actor)
    if (created.status !== 'created') throw refusal(created)
    return c.json(accountOut(created.account), 201)
  },
)

accounts.openapi(
  createRoute({
    method: 'post',
    path: '/accounts/invite',
    operationId: 'inviteAccount',
    summary: 'Make an account and a one-time link with which the person chooses a password within seven days',
    tags,
    ...forScopeCreating('admin'),
    request: { query: NoQuery, body: body(InviteAccount) },
    responses: { 201: answer('It is there', Invitation), ...bodyProblems(409, 422) },
  }),
  async (c) => {
    const { role = 'person', ...wanted } = c.req.valid('json')
    const invited = await inviteAccount(c.var.db, { ...wanted, role }, c.var.actor)
    if (invited.status !== 'invited') throw refusal(invited)
    const { account, token, expiresAt, warning } = invited
    const link = `${ownOrigin(c)}/invitation?token=${token}`
    return c.json({ account: accountOut(account), link, expiresAt: expiresAt.toISOString(), warning }, 201)
  },
)

accounts.openapi(
  createRoute({
    method: 'get',
    path: '/accounts/{id}',
    operationId: 'findAccount',
    summary: 'One account',
    tags,
    ...forScope('accounts:write'),
    request: { params, query: NoQuery },
    responses: { 200: answer('As it now is', AccountOut), ...problems(404) },
  }),
  async (c) => {
    const account = await findAccount(c.var.db, c.req.valid('param').id)
    if (!account) throw notFound('account')
    return c.json(accountOut(account), 200)
  },
)

accounts.openapi(
  createRoute({
    method: 'patch',
    path: '/accounts/{id}',
    operationId: 'changeAccount',
    summary:
      'Change the name or the e-mail address; without the scope admin, of people who have no password in Rollcall',
    tags,
    ...forScopeWithBody('accounts:write'),
    request: { params, query: NoQuery, body: body(ChangeAccount) },
    responses: { 200: answer('As it now is', AccountOut), ...bodyProblems(404, 409) },
  }),
  async (c) => {
    const changed = await updateAccount(c.var.db, c.req.valid('param').id, c.req.valid('json'), c.var.actor)
    if (!changed) throw notFound('account')
    if (changed.status === 'exists' || changed.status === 'refused' || changed.status === 'invalid')
      throw refusal(changed)
    return c.json(accountOut(changed.account), 200)
  },
)

accounts.openapi(
  createRoute({
    method: 'post',
    path: '/accounts/{id}/revoke-sessions',
    operationId: 'revokeAccountSessions',
    summary: 'End all sessions of an account: those in the key’s app, with scope admin those everywhere',
    tags,
    ...forScopeCreating('sessions:write'),
    request: { params, query: NoQuery, body: body(RevokeAccountSessions) },
    responses: { 200: answer('How many ended', AccountSessionsRevoked), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const ended = await revokeAccountSessions(c.var.db, id, c.var.actor, reason, { scope: reachOf(c.var.apiKey) })
    if (ended === undefined) throw notFound('account')
    return c.json({ ended }, 200)
  },
)

accounts.openapi(
  createRoute({
    method: 'post',
    path: '/accounts/{id}/require-new-password',
    operationId: 'requireNewPassword',
    summary:
      'End every session of an account, in every app, and have its password in Rollcall lead to the choice of a new one alone',
    tags,
    ...forScopeCreating('blocks:write'),
    request: { params, query: NoQuery, body: body(RequireNewPassword) },
    responses: { 200: answer('How many ended', AccountSessionsRevoked), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const required = await requireNewPassword(c.var.db, id, c.req.valid('json').reason, c.var.actor)
    if (!required) throw notFound('account')
    if (required.status !== 'required') throw refusal(required)
    return c.json({ ended: required.ended }, 200)
  },
)

accounts.openapi(
  createRoute({
    method: 'put',
    path: '/accounts/{id}/block',
    operationId: 'blockAccount',
    summary: 'Block an account: every session of it ends, sign-in is refused',
    tags: ['Blocks'],
    ...forScopeWithBody('blocks:write'),
    request: { params, query: NoQuery, body: body(BlockAccount) },
    responses: { 200: answer('The block in force', BlockOut), ...bodyProblems(404, 409) },
  }),
  async (c) => {
    const blocked = await blockAccount(c.var.db, c.req.valid('param').id, c.req.valid('json'), c.var.actor)
    if (!blocked) throw notFound('account')
    if (blocked.status !== 'blocked') throw refusal(blocked)
    return c.json(blockOut(blocked.block), 200)
  },
)

accounts.openapi(
  createRoute({
    method: 'delete',
    path: '/accounts/{id}/block',
    operationId: 'liftAccountBlock',
    summary: 'Lift an account’s block; gives no session back',
    tags: ['Blocks'],
    ...forScope('blocks:write'),
    request: { params, query: Reason },
    responses: { 200: answer('The lifted block', BlockOut), ...problems(404) },
  }),
  async (c) => {
    const { reason } = c.req.valid('query')
    const lifted = await liftAccountBlock(c.var.db, c.req.valid('param').id, reason ?? null, c.var.actor)
    if (!lifted) throw notFound('block')
    if (lifted.status !== 'lifted') throw refusal(lifted)
    return c.json(blockOut(lifted.block), 200)
  },
)
