import { Hono } from 'hono'
import { z } from 'zod'
import { BlockNetworkPage, ReviewNetworkPage } from '../../templates/admin/blockNetwork.js'
import { BlocksPage } from '../../templates/admin/blocks.js'
import { LiftBlockPage } from '../../templates/admin/liftBlock.js'
import { liftBlock } from '../accounts/blocks/blocks.js'
import { TERMS_PROBLEMS } from '../accounts/blocks/blockTerms.js'
import { countBlocks, findBlock, listBlocks } from '../accounts/blocks/listBlocks.js'
import { blockNetwork, confirmBlock, type NetworkBlocked } from '../accounts/blocks/networkBlocks.js'
import { readNetwork } from '../accounts/blocks/networkReach.js'
import { previewNetworkBlock } from '../accounts/blocks/previewNetwork.js'
import { BLOCK_COLUMNS } from '../accounts/export.js'
import { listAccounts } from '../accounts/list.js'
import type { Block } from '../accounts/types.js'
import { databaseTime } from '../db/connect.js'
import { type BlockId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound, PublicError } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm, readListQuery, readQuery } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'
import { BlockForm, readTermsForm } from './accountsBlockForm.js'
import { endedText } from './accountsOf.js'
import { importRoutes } from './blocksImport.js'
import { EXPORTED_AT_ONCE, exportFormat, exportList, inColumns } from './exports.js'
import { cameFrom, goOn } from './goOn.js'
import { pageAt, statusOf } from './listPage.js'
import { undoBlock } from './undo.js'

const HERE = '/admin/blocks'
const MOST_OWNERS = 200

export const blocksRoutes = new Hono<AppEnv>().route('/import', importRoutes)

const ListQuery = z.strictObject({
  q: z.string().trim().max(200).optional(),
  state: z.enum(['active', 'lifted', 'all'], 'must be active, lifted or all').optional(),
  kind: z.enum(['account', 'network'], 'must be account or network').optional(),
  after: z.string().max(300).optional(),
  before: z.string().max(300).optional(),
})

blocksRoutes.get('/', allow('viewer'), async (c) => {
  const { query, nonsense } = readListQuery(c, ListQuery)
  const { after, before, ...filter } = query
  const { db } = c.var
  const list = await pageAt({ after, before }, nonsense, (at) => listBlocks(db, filter, at))
  const count = await countBlocks(db, filter)
  const beyond = await ownersBeyond(c)
  return c.html(
    <BlocksPage
      page={await pageOf(c)}
      query={query}
      list={list}
      count={count}
      nonsense={nonsense}
      mayLift={(block) => mayLift(c, block, beyond)}
    />,
    statusOf(c, nonsense),
  )
})

const ExportQuery = ListQuery.omit({ after: true, before: true }).extend({ format: exportFormat })

blocksRoutes.get('/export', allow('viewer'), async (c) => {
  const { format, ...filter } = readQuery(c, ExportQuery)
  return exportList(c, {
    list: 'Blocks',
    as: format,
    format: inColumns(BLOCK_COLUMNS, format),
    filter,
    read: (after) => listBlocks(c.var.db, filter, { after, limit: EXPORTED_AT_ONCE }),
  })
})

/** Owners, for who is none: their blocks are not a responder's to lift (S-35). */
async function ownersBeyond(c: AppContext): Promise<Set<string>> {
  if (c.var.current.account.role === 'owner') return new Set()
  const { items } = await listAccounts(c.var.db, { role: 'owner' }, { limit: MOST_OWNERS })
  return new Set(items.map((account) => account.id))
}

const mayLift = (c: AppContext, { account }: Block, beyond: Set<string>): boolean =>
  !account || (account.id !== c.var.current.account.id && !beyond.has(account.id))

// Block a network -----------------------------------------------------------------------------------------------------

blocksRoutes.get('/new', allow('responder'), async (c) => {
  const network = c.req.query('network')?.slice(0, 64)
  const return_to = safeReturnTo(c.req.query('return_to'))
  return c.html(<BlockNetworkPage page={await pageOf(c)} values={{ network, return_to }} errors={{}} />)
})

const NetworkForm = BlockForm.omit({ also_network: true, message: true, session: true, replaces: true }).extend({
  /** The network as it was reviewed: what was seen is what is done. */
  reviewed: z.string().max(64).optional(),
  end_sessions: z.literal('on').optional(),
  own_address: z.string().max(128).optional(),
})
export type NetworkValues = z.infer<typeof NetworkForm>
export type NetworkErrors = Partial<
  Record<'network' | 'reason' | 'other' | 'until' | 'date' | 'own_address' | 'form', string>
>

/** First time: what it would hit. Second time, with the network as reviewed: done. */
blocksRoutes.post('/', allow('responder'), async (c) => {
  const values = await readForm(c, NetworkForm)
  const { db, ip } = c.var
  const named = readNetwork(values.network ?? '')
  const read = readTermsForm(values, await databaseTime(db))
  if ('problem' in named || 'errors' in read) {
    const errors = {
      ...('errors' in read ? read.errors : {}),
      ...('problem' in named ? { network: named.problem } : {}),
    }
    return c.html(<BlockNetworkPage page={await pageOf(c)} values={values} errors={errors} />, 422)
  }
  const { network } = named
  const review = async (values: NetworkValues, errors: NetworkErrors, status: 200 | 422) => {
    const preview = await previewNetworkBlock(db, network, ip)
    const page = await pageOf(c)
    return c.html(<ReviewNetworkPage page={page} values={values} preview={preview} ip={ip} errors={errors} />, status)
  }
  if (values.reviewed !== network) return review({ ...values, end_sessions: 'on' }, {}, 200)
  const answer = await blockNetwork(
    db,
    {
      network,
      reason: read.terms.reason,
      until: read.terms.until,
      endSessions: values.end_sessions === 'on',
      confirmOwnAddress: values.own_address,
    },
    c.var.actor,
  )
  if (answer.status === 'refused') return review(values, errorsFor(answer), 422)
  const { block, ended, more } = answer
  const rest = [
    more && 'The others from there are refused already, and end within moments.',
    block.confirmBy && 'It covers you: confirm it, or it undoes itself.',
  ].filter(Boolean)
  return goOn(c, block.confirmBy ? HERE : (safeReturnTo(values.return_to) ?? HERE), {
    tone: block.confirmBy ? 'amber' : 'green',
    title: `${block.network} is blocked`,
    text: [endedText(ended), ...rest].join(' '),
    undo: undoBlock({ network: block.id }),
  })
})

function errorsFor(answer: Extract<NetworkBlocked, { status: 'refused' }>): NetworkErrors {
  switch (answer.why) {
    case 'bad-network':
    case 'everything':
    case 'too-wide':
      return { form: answer.problem }
    case 'own-address':
      return { own_address: `Type ${answer.address}, the address that you have now.` }
    case 'not-allowed':
      return { form: 'Your role does not allow this any more.' }
    case 'owner-inside':
      return { form: 'An owner is signed in from there. Only an owner can block this network.' }
    default:
      return { form: TERMS_PROBLEMS[answer.why] }
  }
}

// Confirm, lift -------------------------------------------------------------------------------------------------------

const NothingForm = z.strictObject({})

blocksRoutes.post('/:id/confirm', allow('responder'), async (c) => {
  const block = await blockOf(c)
  await readForm(c, NothingForm)
  const answer = await confirmBlock(c.var.db, block.id, c.var.actor)
  if (answer?.status === 'refused') {
    throw new PublicError(
      409,
      'not-from-there',
      'This can be confirmed only from inside the network',
      `Open this page from an address in ${block.network}, or block it from outside, where nothing has to be confirmed.`,
    )
  }
  return goOn(
    c,
    HERE,
    answer
      ? { tone: 'green', title: `The block on ${block.network} stays` }
      : { tone: 'amber', title: 'There was nothing to confirm', text: 'The block had ended, or was confirmed before.' },
    'in-force',
  )
})

blocksRoutes.get('/:id/lift', allow('responder'), async (c) => {
  const block = await blockOf(c)
  if (!mayLift(c, block, await ownersBeyond(c))) throw notAllowed()
  if (block.lifted) return goOn(c, HERE, { tone: 'amber', title: 'This block is lifted already' })
  return c.html(<LiftBlockPage page={await pageOf(c)} block={block} action={`${HERE}/${block.id}/lift`} back={HERE} />)
})

const LiftForm = z.strictObject({
  reason: z.string().trim().max(500, 'at most 500 characters').optional(),
  return_to: z.string().max(2_000).optional(),
})

blocksRoutes.post('/:id/lift', allow('responder'), async (c) => {
  const block = await blockOf(c)
  const { reason, return_to } = await readForm(c, LiftForm)
  const answer = await liftBlock(c.var.db, block.id, reason || null, c.var.actor)
  if (answer?.status === 'refused') throw notAllowed()
  const name = (block.account?.name ?? block.network ?? '').slice(0, 120)
  return goOn(
    c,
    cameFrom(c, return_to, HERE),
    answer
      ? { tone: 'green', title: `The block on ${name} is lifted`, text: 'No session came back.' }
      : { tone: 'amber', title: `The block on ${name} was lifted already`, text: 'Nothing was changed.' },
    'in-force',
  )
})

async function blockOf(c: AppContext): Promise<Block> {
  const id = uuid<BlockId>().safeParse(c.req.param('id'))
  const block = id.success ? await findBlock(c.var.db, id.data) : undefined
  if (!block) throw notFound('block')
  return block
}

const notAllowed = () =>
  new PublicError(
    403,
    'forbidden',
    'Your role does not allow this',
    'Only owners lift the block of an owner, and nobody their own. Nothing was changed.',
  )
