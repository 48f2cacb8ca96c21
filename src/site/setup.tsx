import { Hono } from 'hono'
import { z } from 'zod'
import { LinkGonePage } from '../../templates/site/linkGone.js'
import { SetupPage, type SetupProblem } from '../../templates/site/setup.js'
import { completeSetup, hasOwner, isSetupLink } from '../accounts/passwords/setup.js'
import { anyone } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { unlessBusy } from './busy.js'
import { clientOf, enter, networkBlocked } from './enter.js'

/** The first owner, once (S-24). */
export const setup = new Hono<AppEnv>()

setup.get('/setup', anyone(), async (c) => {
  const token = c.req.query('token') ?? ''
  return (await isSetupLink(c.var.db, token)) ? show(c, { token }) : gone(c)
})

const SetupForm = z.strictObject({
  token: z.string(),
  name: z.string(),
  email: z.string(),
  password: z.string(),
})

setup.post('/setup', anyone(), async (c) => {
  const { token, ...owner } = await readForm(c, SetupForm)
  const client = await clientOf(c)
  const answer = await unlessBusy(completeSetup(c.var.db, token, owner, client, c.var.passwords))
  const refuse = (problem: SetupProblem) => show(c, { token, name: owner.name, email: owner.email, problem }, 422)
  switch (answer.status) {
    case 'completed':
      c.set('doneSoFar', 'Rollcall is yours, and the link is used up. Sign in with your password in a moment.')
      await enter(c, answer.account, 'setup', client)
      return c.redirect('/admin', 303)
    case 'invalid':
      return refuse({ path: answer.path, message: answer.problem })
    case 'weak':
      return refuse({ path: 'password', message: answer.problem })
    case 'blocked':
      throw await networkBlocked(c)
    case 'void':
      return gone(c)
  }
})

interface Shown {
  token: string
  name?: string
  email?: string
  problem?: SetupProblem
}

async function show(c: AppContext, shown: Shown, status: 200 | 422 = 200) {
  return c.html(<SetupPage page={await pageOf(c)} {...shown} />, status)
}

async function gone(c: AppContext) {
  const what = (await hasOwner(c.var.db)) ? 'set-up-done' : 'set-up'
  return c.html(<LinkGonePage page={await pageOf(c)} what={what} />, 410)
}
