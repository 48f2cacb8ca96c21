import { Hono } from 'hono'
import { z } from 'zod'
import { InvitationPage } from '../../templates/site/invitation.js'
import { LinkGonePage } from '../../templates/site/linkGone.js'
import { acceptInvitation, findInvitation } from '../accounts/passwords/invitations.js'
import { readSettings } from '../accounts/settings.js'
import { anyone } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { PublicError } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { unlessBusy } from './busy.js'
import { clientOf, enter, homeOf, networkBlocked } from './enter.js'

/** A first password, or a new one, by a one-time link (S-25). */
export const invitation = new Hono<AppEnv>()

invitation.get('/invitation', anyone(), async (c) => {
  const token = c.req.query('token') ?? ''
  const found = await findInvitation(c.var.db, token)
  if (!found) return gone(c)
  return c.html(
    <InvitationPage page={await pageOf(c)} token={token} account={found.account} expiresAt={found.expiresAt} />,
  )
})

const InvitationForm = z.strictObject({
  token: z.string(),
  /** For the browser's password manager; the link alone decides whose password this is. */
  email: z.string().optional(),
  password: z.string(),
})

invitation.post('/invitation', anyone(), async (c) => {
  const { token, password } = await readForm(c, InvitationForm)
  const { db, passwords } = c.var
  const found = await findInvitation(db, token)
  if (!found) return gone(c)
  const client = await clientOf(c)
  const answer = await unlessBusy(acceptInvitation(db, token, password, client, passwords))
  switch (answer.status) {
    case 'accepted':
      c.set('doneSoFar', 'Your password is set, and the link is used up. Sign in with it in a moment.')
      if ((await enter(c, answer.account, 'invitation', client)) !== 'entered') throw await stillBlocked(c)
      return c.redirect(homeOf(found.account.role), 303)
    case 'weak':
      return c.html(<InvitationPage page={await pageOf(c)} token={token} {...found} problem={answer.problem} />, 422)
    case 'blocked':
      throw await networkBlocked(c)
    case 'void':
      return gone(c)
  }
})

const gone = async (c: AppContext) => c.html(<LinkGonePage page={await pageOf(c)} what="invitation" />, 410)

/** A new password lifts no block. */
async function stillBlocked(c: AppContext): Promise<PublicError> {
  const { contact } = await readSettings(c.var.db)
  return new PublicError(
    403,
    'blocked',
    'This account is blocked',
    `Your password is set, but you can’t sign in yet. Contact ${contact}.`,
  )
}
