import { Hono } from 'hono'
import { z } from 'zod'
import { BlockPage } from '../../templates/admin/block.js'
import { LiftBlockPage } from '../../templates/admin/liftBlock.js'
import { absoluteText } from '../../templates/words.js'
import { blockAccount, liftAccountBlock } from '../accounts/blocks/blocks.js'
import { type BlockTerms, TERMS_PROBLEMS } from '../accounts/blocks/blockTerms.js'
import { blockNetwork } from '../accounts/blocks/networkBlocks.js'
import { type AccountBlockPreview, previewAccountBlock } from '../accounts/blocks/previewBlock.js'
import type { Account } from '../accounts/types.js'
import { databaseTime } from '../db/connect.js'
import { canonicalNetwork, inNetworks, parseNetworks } from '../devices/address.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { readLook } from '../http/look.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'
import { wallClock } from '../http/zones.js'
import { listSessions } from '../sessions/lists/list.js'
import { othersSharing } from '../sessions/lists/sharedAddress.js'
import { type BlockErrors, BlockForm, type BlockValues, readTermsForm } from './accountsBlockForm.js'
import { powersOver } from './accountsMay.js'
import { accountOf, endedText, notAllowed, pathOf, REFUSALS } from './accountsOf.js'
import { cameFrom, goOn } from './goOn.js'
import { undoBlock } from './undo.js'

/** Blocking one account, and lifting that. */
export const accountBlocks = new Hono<AppEnv>()

accountBlocks.get('/:id/block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).block) throw notAllowed(refusalFor(c, account))
  const returnTo = safeReturnTo(c.req.query('return_to'))
  return blockPage(
    c,
    account,
    { ...valuesOf(account, readLook(c).zone), session: c.req.query('session'), return_to: returnTo },
    {},
  )
})

accountBlocks.post('/:id/block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const values = await readForm(c, BlockForm)
  const read = readTermsForm(values, await databaseTime(c.var.db))
  if ('errors' in read) return blockPage(c, account, values, read.errors, 422)
  const changed = changedMeanwhile(c, account, values)
  if (changed) return blockPage(c, account, values, { form: changed }, 422)
  const answer = await blockAccount(c.var.db, account.id, read.terms, c.var.actor)
  if (!answer) throw notFound('account')
  if (answer.status === 'refused') return blockPage(c, account, values, errorsFor(answer.why), 422)
  c.set('doneSoFar', 'They are blocked; whether the network is too, look before you try again.')
  const network = values.also_network ? await alsoBlockNetwork(c, values, read.terms) : undefined
  return goOn(c, cameFrom(c, values.return_to, pathOf(account)), {
    tone: network && !network.blocked ? 'amber' : 'green',
    title: `${account.name.slice(0, 120)} is blocked`,
    text: [endedText(answer.ended), network?.text].filter(Boolean).join(' '),
    undo: undoBlock({ account: account.id, network: network?.id }),
  })
})

const refusalFor = (c: AppContext, account: Account) =>
  REFUSALS[account.id === c.var.current.account.id ? 'self' : 'not-allowed']

/** What a colleague did between the question and its answer: to be seen before it is replaced. */
function changedMeanwhile(c: AppContext, { block }: Account, { replaces }: BlockValues): string | undefined {
  if (replaces === undefined || replaces === (block?.id ?? 'none')) return undefined
  if (!block) return 'The block was lifted meanwhile. Send this again to block them anew.'
  const { zone } = readLook(c)
  const until = block.until ? `until ${absoluteText(block.until, zone)}` : 'until somebody lifts it'
  return `${block.createdBy} blocked them meanwhile, ${until}: ${block.reason}. Send this again to replace that.`
}

/** Changing a block begins with what it says now. */
function valuesOf({ block }: Account, zone: string): BlockValues {
  if (!block) return {}
  const known = ['compromised', 'left the company', 'policy'].includes(block.reason)
  return {
    reason: known ? block.reason : 'other',
    ...(known ? {} : { other: block.reason }),
    until: block.until ? 'date' : 'lifted',
    ...(block.until ? { date: wallClock(block.until, zone).toISOString().slice(0, 16), zone } : {}),
    ...(block.message ? { message: block.message } : {}),
  }
}

async function blockPage(
  c: AppContext,
  account: Account,
  values: { [Name in keyof BlockValues]: BlockValues[Name] | undefined },
  errors: BlockErrors,
  status: 200 | 422 = 200,
) {
  const preview = await previewAccountBlock(c.var.db, account.id)
  const network = preview ? await networkToOffer(c, account, preview.networks, values) : undefined
  return c.html(
    <BlockPage
      page={await pageOf(c)}
      account={account}
      sessions={preview?.sessions ?? 0}
      network={network}
      values={values}
      errors={errors}
    />,
    status,
  )
}

/** The one that was typed or asked about, else where the newest sign-in came from. */
async function networkToOffer(
  c: AppContext,
  account: Account,
  networks: AccountBlockPreview['networks'],
  { network, session }: { network?: string | undefined; session?: string | undefined },
) {
  // Blocking the own network has its own form, with what protects one from locking oneself out.
  const others = networks.filter((one) => !inNetworks(c.var.ip, parseNetworks([one.network])))
  const live = await listSessions(c.var.db, { account: account.id, state: 'live' }, { limit: 200 })
  const asked = live.items.find(({ id }) => id === session) ?? live.items[0]
  const read = canonicalNetwork(network ?? asked?.lastIp ?? '')
  const offered = others.find((one) => 'network' in read && one.network === read.network) ?? others[0]
  if (!offered) return undefined
  return { network: offered.network, sharing: await othersSharing(c.var.db, offered.network, account.id) }
}

function errorsFor(why: keyof typeof REFUSALS | keyof typeof TERMS_PROBLEMS): BlockErrors {
  if (why === 'self' || why === 'last-owner' || why === 'not-allowed') return { form: REFUSALS[why] }
  return why === 'no-reason' ? { reason: TERMS_PROBLEMS[why] } : { date: TERMS_PROBLEMS[why] }
}

async function alsoBlockNetwork(c: AppContext, { network = '' }: BlockValues, terms: BlockTerms) {
  const wanted = { network, reason: terms.reason, until: terms.until, endSessions: true }
  const answer = await blockNetwork(c.var.db, wanted, c.var.actor)
  if (answer.status === 'blocked') {
    return {
      blocked: true,
      id: answer.block.id,
      text: `${answer.block.network} is blocked too. ${endedText(answer.ended)}`,
    }
  }
  return { blocked: false, text: 'The network was not blocked: do that under Blocks, where it says why.' }
}

// Lift ----------------------------------------------------------------------------------------------------------------

const ReasonForm = z.strictObject({
  reason: z.string().trim().max(500, 'at most 500 characters').optional(),
  return_to: z.string().max(2_000).optional(),
})

accountBlocks.get('/:id/lift-block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).block) throw notAllowed(refusalFor(c, account))
  if (!account.block) return goOn(c, pathOf(account), notBlocked(account))
  const action = `${pathOf(account)}/lift-block`
  return c.html(<LiftBlockPage page={await pageOf(c)} block={account.block} action={action} back={pathOf(account)} />)
})

accountBlocks.post('/:id/lift-block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const { reason, return_to } = await readForm(c, ReasonForm)
  const answer = await liftAccountBlock(c.var.db, account.id, reason || null, c.var.actor)
  if (answer?.status === 'refused') throw notAllowed(refusalFor(c, account))
  const back = cameFrom(c, return_to, pathOf(account))
  if (!answer) return goOn(c, back, notBlocked(account))
  const title = `The block on ${account.name.slice(0, 120)} is lifted`
  return goOn(c, back, { tone: 'green', title, text: 'They can sign in again. No session came back.' }, 'in-force')
})

const notBlocked = (account: Account) =>
  ({ tone: 'amber', title: `${account.name.slice(0, 120)} is not blocked`, text: 'Nothing was changed.' }) as const
