import { Hono } from 'hono'
import { z } from 'zod'
import { BlockPage } from '../../templates/admin/block.js'
import { InvitedPage } from '../../templates/admin/invited.js'
import { LiftBlockPage } from '../../templates/admin/liftBlock.js'
import { NewLinkPage } from '../../templates/admin/newLink.js'
import { RolePage } from '../../templates/admin/role.js'
import { SignOutEverywherePage } from '../../templates/admin/signOutEverywhere.js'
import { blockAccount, liftAccountBlock } from '../accounts/blocks.js'
import type { BlockTerms } from '../accounts/blockTerms.js'
import { TERMS_PROBLEMS } from '../accounts/blockTerms.js'
import { renewInvitation } from '../accounts/invitations.js'
import { blockNetwork } from '../accounts/networkBlocks.js'
import { type AccountBlockPreview, previewAccountBlock } from '../accounts/previewBlock.js'
import { findAccount } from '../accounts/read.js'
import { changeRole } from '../accounts/roles.js'
import { type Account, ROLES } from '../accounts/types.js'
import { databaseTime } from '../db/connect.js'
import { type AccountId, uuid } from '../db/ids.js'
import { canonicalNetwork, inNetworks, parseNetworks } from '../devices/address.js'
import { allow } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound, PublicError } from '../http/errors.js'
import { ownOrigin } from '../http/origin.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'
import { listSessions } from '../sessions/list.js'
import { revokeAccountSessions } from '../sessions/revoke.js'
import { type BlockErrors, BlockForm, type BlockValues, readTermsForm } from './accountsBlockForm.js'
import { powersOver } from './accountsMay.js'
import { cameFrom, goOn } from './goOn.js'

/** What is done to one account; each act is a page of its own that a dialog may show. */
export const accountActs = new Hono<AppEnv>()

/** The account of the address; 404 for what is no id too. */
export async function accountOf(c: AppContext): Promise<Account> {
  const id = uuid<AccountId>().safeParse(c.req.param('id'))
  const account = id.success ? await findAccount(c.var.db, id.data) : undefined
  if (!account) throw notFound('account')
  return account
}

const pathOf = (account: Account) => `/admin/accounts/${account.id}`

const notAllowed = (detail: string) =>
  new PublicError(403, 'forbidden', 'Your role does not allow this', `${detail} Nothing was changed.`)

const REFUSALS = {
  self: 'Nobody can do this to their own account. Ask another owner.',
  'last-owner': 'This is the last owner who can sign in. Make somebody else an owner first.',
  'not-allowed': 'Only owners can do this to an owner.',
} as const

// Block ---------------------------------------------------------------------------------------------------------------

accountActs.get('/:id/block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).block) throw notAllowed(refusalFor(c, account))
  const returnTo = safeReturnTo(c.req.query('return_to'))
  return blockPage(c, account, { ...valuesOf(account), session: c.req.query('session'), return_to: returnTo }, {})
})

accountActs.post('/:id/block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const values = await readForm(c, BlockForm)
  const read = readTermsForm(values, await databaseTime(c.var.db))
  if ('errors' in read) return blockPage(c, account, values, read.errors, 422)
  const answer = await blockAccount(c.var.db, account.id, read.terms, c.var.actor)
  if (!answer) throw notFound('account')
  if (answer.status === 'refused') return blockPage(c, account, values, errorsFor(answer.why), 422)
  const network = values.also_network ? await alsoBlockNetwork(c, values, read.terms) : undefined
  return goOn(c, cameFrom(c, values.return_to, pathOf(account)), {
    tone: network && !network.blocked ? 'amber' : 'green',
    title: `${account.name.slice(0, 120)} is blocked`,
    text: [ended(answer.ended), network?.text].filter(Boolean).join(' '),
  })
})

const refusalFor = (c: AppContext, account: Account) =>
  REFUSALS[account.id === c.var.current.account.id ? 'self' : 'not-allowed']

/** Changing a block begins with what it says now. */
function valuesOf({ block }: Account): BlockValues {
  if (!block) return {}
  const known = ['compromised', 'left the company', 'policy'].includes(block.reason)
  return {
    reason: known ? block.reason : 'other',
    ...(known ? {} : { other: block.reason }),
    until: block.until ? 'date' : 'lifted',
    ...(block.until ? { date: block.until.toISOString().slice(0, 16) } : {}),
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
  return others.find((one) => 'network' in read && one.network === read.network) ?? others[0]
}

function errorsFor(why: keyof typeof REFUSALS | keyof typeof TERMS_PROBLEMS): BlockErrors {
  if (why === 'self' || why === 'last-owner' || why === 'not-allowed') return { form: REFUSALS[why] }
  return why === 'no-reason' ? { reason: TERMS_PROBLEMS[why] } : { date: TERMS_PROBLEMS[why] }
}

async function alsoBlockNetwork(c: AppContext, { network = '' }: BlockValues, terms: BlockTerms) {
  const wanted = { network, reason: terms.reason, until: terms.until, endSessions: true }
  const answer = await blockNetwork(c.var.db, wanted, c.var.actor)
  if (answer.status === 'blocked') {
    return { blocked: true, text: `${answer.block.network} is blocked too. ${ended(answer.ended)}` }
  }
  return { blocked: false, text: 'The network was not blocked: do that under Blocks, where it says why.' }
}

const ended = (n: number) => (n === 0 ? 'No session was live.' : `${n} session${n === 1 ? '' : 's'} ended.`)

// Lift ----------------------------------------------------------------------------------------------------------------

const ReasonForm = z.strictObject({
  reason: z.string().trim().max(500, 'at most 500 characters').optional(),
  return_to: z.string().max(2_000).optional(),
})

accountActs.get('/:id/lift-block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).block) throw notAllowed(refusalFor(c, account))
  if (!account.block) return goOn(c, pathOf(account), notBlocked(account))
  const action = `${pathOf(account)}/lift-block`
  return c.html(<LiftBlockPage page={await pageOf(c)} block={account.block} action={action} back={pathOf(account)} />)
})

accountActs.post('/:id/lift-block', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const { reason, return_to } = await readForm(c, ReasonForm)
  const answer = await liftAccountBlock(c.var.db, account.id, reason || null, c.var.actor)
  if (answer?.status === 'refused') throw notAllowed(refusalFor(c, account))
  const back = cameFrom(c, return_to, pathOf(account))
  if (!answer) return goOn(c, back, notBlocked(account))
  return goOn(c, back, {
    tone: 'green',
    title: `The block on ${account.name.slice(0, 120)} is lifted`,
    text: 'They can sign in again. No session came back.',
  })
})

const notBlocked = (account: Account) =>
  ({ tone: 'amber', title: `${account.name.slice(0, 120)} is not blocked`, text: 'Nothing was changed.' }) as const

// Sign out everywhere -------------------------------------------------------------------------------------------------

const SignOutForm = z.strictObject({
  reason: z.string().trim().max(500, 'at most 500 characters').optional(),
  also_me: z.literal('on').optional(),
  return_to: z.string().max(2_000).optional(),
})

accountActs.get('/:id/revoke-sessions', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const powers = powersOver(account, c.var.current)
  if (!powers.revoke) throw notAllowed(REFUSALS['not-allowed'])
  const { items } = await listSessions(c.var.db, { account: account.id, state: 'live' }, { limit: 200 })
  const returnTo = safeReturnTo(c.req.query('return_to'))
  return c.html(
    <SignOutEverywherePage
      page={await pageOf(c)}
      account={account}
      sessions={items}
      powers={powers}
      returnTo={returnTo}
    />,
  )
})

accountActs.post('/:id/revoke-sessions', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const powers = powersOver(account, c.var.current)
  if (!powers.revoke) throw notAllowed(REFUSALS['not-allowed'])
  const { reason, also_me, return_to } = await readForm(c, SignOutForm)
  const except = powers.own && !also_me ? c.var.current.session.id : undefined
  const n = await revokeAccountSessions(c.var.db, account.id, c.var.actor, reason || null, { except })
  if (powers.own && also_me) {
    clearSessionCookie(c)
    return goOn(c, '/sign-in')
  }
  return goOn(c, cameFrom(c, return_to, pathOf(account)), {
    tone: 'green',
    title: `${account.name.slice(0, 120)} is signed out${except ? ' everywhere else' : ' everywhere'}`,
    text: `${ended(n ?? 0)} They can sign in again.`,
  })
})

// Role ----------------------------------------------------------------------------------------------------------------

const RoleForm = z.strictObject({ role: z.enum(ROLES, 'must be person, viewer, responder or owner') })

accountActs.get('/:id/role', allow('owner'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).changeRole) throw notAllowed(REFUSALS.self)
  return rolePage(c, account)
})

accountActs.post('/:id/role', allow('owner'), async (c) => {
  const account = await accountOf(c)
  const { role } = await readForm(c, RoleForm)
  const answer = await changeRole(c.var.db, account.id, role, c.var.actor)
  if (!answer) throw notFound('account')
  if (answer.status === 'refused') return rolePage(c, account, REFUSALS[answer.why], 422)
  const name = account.name.slice(0, 120)
  return goOn(
    c,
    cameFrom(c, undefined, pathOf(account)),
    answer.status === 'changed'
      ? {
          tone: 'green',
          title: `${name} is now ${role}`,
          text: 'Their sessions ended; they sign in again with the new role.',
        }
      : { tone: 'amber', title: `${name} is ${role} already`, text: 'Nothing was changed.' },
  )
})

async function rolePage(c: AppContext, account: Account, problem?: string, status: 200 | 422 = 200) {
  const sessions = (await previewAccountBlock(c.var.db, account.id))?.sessions ?? 0
  return c.html(<RolePage page={await pageOf(c)} account={account} sessions={sessions} problem={problem} />, status)
}

// A new invitation link -----------------------------------------------------------------------------------------------

const NothingForm = z.strictObject({})

accountActs.get('/:id/invitation', allow('responder'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).invite)
    throw notAllowed('Only owners make links for people with a role in the panel.')
  return c.html(<NewLinkPage page={await pageOf(c)} account={account} />)
})

accountActs.post('/:id/invitation', allow('responder'), async (c) => {
  const account = await accountOf(c)
  await readForm(c, NothingForm)
  const answer = await renewInvitation(c.var.db, account.id, c.var.actor)
  if (!answer) throw notFound('account')
  if (answer.status === 'refused') {
    throw notAllowed(
      answer.why === 'no-email'
        ? 'The account has no e-mail address to bind the link to.'
        : 'Only owners make links for people with a role in the panel.',
    )
  }
  const link = `${ownOrigin(c)}/invitation?token=${answer.token}`
  return c.html(<InvitedPage page={await pageOf(c)} invited={answer} link={link} again />)
})
