import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { liftBlock } from '../../accounts/blocks/blocks.js'
import { findBlock, listBlocks } from '../../accounts/blocks/listBlocks.js'
import { blockNetwork } from '../../accounts/blocks/networkBlocks.js'
import type { BlockId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { NoQuery, pathId, Reason } from '../schemas.js'
import { BlockNetwork, BlockOut, BlockPage, BlockQuery, blockOut } from './accountSchemas.js'

export const blocks = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Blocks']

blocks.openapi(
  createRoute({
    method: 'get',
    path: '/blocks',
    operationId: 'listBlocks',
    summary: 'List blocks, newest first',
    tags,
    ...forScope('blocks:write'),
    request: { query: BlockQuery },
    responses: { 200: answer('A page of them', BlockPage), ...problems() },
  }),
  async (c) => {
    const { after, before, limit, ...filter } = c.req.valid('query')
    const page = await listBlocks(c.var.db, filter, { after, before, limit })
    return c.json({ ...page, items: page.items.map(blockOut) }, 200)
  },
)

blocks.openapi(
  createRoute({
    method: 'post',
    path: '/blocks',
    operationId: 'blockNetwork',
    summary: 'Block an address or a network',
    tags,
    ...forScopeCreating('blocks:write'),
    request: { query: NoQuery, body: body(BlockNetwork) },
    responses: { 201: answer('It is in force', BlockOut), ...bodyProblems(409, 422) },
  }),
  async (c) => {
    const blocked = await blockNetwork(c.var.db, c.req.valid('json'), c.var.actor)
    if (blocked.status !== 'blocked') throw refusal(blocked)
    return c.json(blockOut(blocked.block), 201)
  },
)

blocks.openapi(
  createRoute({
    method: 'delete',
    path: '/blocks/{id}',
    operationId: 'liftBlock',
    summary: 'Lift a block; what was lifted stays as it is',
    tags,
    ...forScope('blocks:write'),
    request: { params: pathId<BlockId>(), query: Reason },
    responses: { 200: answer('The lifted block', BlockOut), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const lifted = await liftBlock(c.var.db, id, c.req.valid('query').reason ?? null, c.var.actor)
    if (lifted?.status === 'refused') throw refusal(lifted)
    const block = lifted?.block ?? (await findBlock(c.var.db, id))
    if (!block) throw notFound('block')
    return c.json(blockOut(block), 200)
  },
)
