import { Hono } from 'hono'
import { AccountPage } from '../../templates/site/account.js'
import { findAccount } from '../accounts/read.js'
import { signedIn } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { pageStream } from '../http/streams.js'
import { countSessions } from '../sessions/lists/list.js'

export const account = new Hono<AppEnv>()

account.get('/account', signedIn(), async (c) => {
  const { db, current } = c.var
  const own = await findAccount(db, current.account.id)
  if (!own) throw notFound('account')
  const devices = await countSessions(db, { account: own.id, state: 'live' })
  return c.html(<AccountPage page={await pageOf(c)} account={own} devices={devices} />)
})

/** Hears of the own account alone. Who was seen when is not told here: the page asks anew each minute by itself. */
account.get('/account/stream', signedIn(), (c) => {
  const { id } = c.var.current.account
  return pageStream(c, { tell: (told) => (told.concerns(id) ? SESSIONS : undefined) })
})

const SESSIONS = new TextEncoder().encode('event: sessions\ndata:\n\n')
