import { Hono } from 'hono'
import { z } from 'zod'
import { InvitedPage } from '../../templates/admin/invited.js'
import { NewLinkPage } from '../../templates/admin/newLink.js'
import { RequirePasswordPage } from '../../templates/admin/requirePassword.js'
import { RolePage } from '../../templates/admin/role.js'
import { SignOutEverywherePage } from '../../templates/admin/signOutEverywhere.js'
import { previewAccountBlock } from '../accounts/blocks/previewBlock.js'
import { renewInvitation } from '../accounts/passwords/invitations.js'
import { requireNewPassword } from '../accounts/passwords/requirePassword.js'
import { changeRole } from '../accounts/roles.js'
import { type Account, ROLES } from '../accounts/types.js'
import { allow } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { ownOrigin } from '../http/origin.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'
import { listSessions } from '../sessions/lists/list.js'
import { revokeAccountSessions } from '../sessions/revoke.js'
import { powersOver } from './accountsMay.js'
import { accountOf, endedText, NO_PASSWORD, notAllowed, pathOf, REFUSALS } from './accountsOf.js'
import { cameFrom, goOn } from './goOn.js'

/** What else is done to one account; each act is a page of its own that a dialog may show. */
export const accountActs = new Hono<AppEnv>()

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
    text: `${endedText(n ?? 0)} They can sign in again.`,
  })
})

// Require a new password ----------------------------------------------------------------------------------------------

const RequireForm = z.strictObject({
  reason: z.string().trim().max(500, 'at most 500 characters'),
  return_to: z.string().max(2_000).optional(),
})

accountActs.get('/:id/require-new-password', allow('responder'), async (c) => {
  const account = await accountOf(c)
  if (!powersOver(account, c.var.current).renew) throw notAllowed(whyNotRenew(c, account))
  return requirePage(c, account, '', {})
})

accountActs.post('/:id/require-new-password', allow('responder'), async (c) => {
  const account = await accountOf(c)
  const { reason, return_to } = await readForm(c, RequireForm)
  if (reason === '') return requirePage(c, account, reason, { reason: 'Say why: the audit log keeps it.' }, 422)
  const answer = await requireNewPassword(c.var.db, account.id, reason, c.var.actor)
  if (!answer) throw notFound('account')
  if (answer.status === 'refused') return requirePage(c, account, reason, { form: whyNotRenew(c, account) }, 422)
  return goOn(c, cameFrom(c, return_to, pathOf(account)), {
    tone: 'green',
    title: `${account.name.slice(0, 120)} has to choose a new password`,
    text: `${endedText(answer.ended)} Their present password leads to that choice alone.`,
  })
})

function whyNotRenew(c: AppContext, account: Account): string {
  if (account.id === c.var.current.account.id) return REFUSALS.self
  return account.hasPassword ? REFUSALS['not-allowed'] : NO_PASSWORD
}

async function requirePage(
  c: AppContext,
  account: Account,
  reason: string,
  errors: { reason?: string; form?: string },
  status: 200 | 422 = 200,
) {
  const sessions = (await previewAccountBlock(c.var.db, account.id))?.sessions ?? 0
  const page = await pageOf(c)
  return c.html(<RequirePasswordPage {...{ page, account, sessions, reason, errors }} />, status)
}

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
