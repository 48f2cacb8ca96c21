import { Hono } from 'hono'
import { z } from 'zod'
import { DevicesPage, SignOutOthersPage } from '../../templates/site/devices.js'
import { type SessionId, uuid } from '../db/ids.js'
import { signedIn } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { setToast } from '../http/flash.js'
import { pageOf } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { countSessions, listSessions } from '../sessions/lists/list.js'
import { findSession } from '../sessions/read.js'
import { revokeAccountSessions, revokeSession, revokeUnrecognised } from '../sessions/revoke.js'
import { signOutHere } from './signOut.js'
import { deviceNotRecognised, deviceSignedOut, othersSignedOut } from './toasts.js'

const A_PAGE = 50

/** "Your devices": every session of the account, in whichever app, and nobody else's (S-34). */
export const devices = new Hono<AppEnv>()

const DevicesQuery = z.strictObject({ after: z.string().optional(), before: z.string().optional() })

devices.get('/account/sessions', signedIn(), async (c) => {
  const request = readQuery(c, DevicesQuery)
  const { db, current } = c.var
  const own = { account: current.account.id, state: 'live' } as const
  const [here, list, count] = [
    await findSession(db, current.session.id),
    await listSessions(db, own, { ...request, limit: A_PAGE }),
    await countSessions(db, own),
  ]
  if (!here) throw notFound('device')
  const others = list.items.filter((session) => session.id !== here.id)
  const page = await pageOf(c)
  return c.html(
    <DevicesPage page={page} here={here} others={others} count={count} newer={list.previous} older={list.next} />,
  )
})

devices.get('/account/sessions/revoke-others', signedIn(), async (c) => {
  const { db, current } = c.var
  const count = await countSessions(db, { account: current.account.id, state: 'live' })
  return c.html(<SignOutOthersPage page={await pageOf(c)} others={Math.max(0, count - 1)} />)
})

devices.post('/account/sessions/revoke-others', signedIn(), async (c) => {
  await readForm(c, z.strictObject({}))
  const { db, actor, current } = c.var
  const ended = await revokeAccountSessions(db, current.account.id, actor, null, { except: current.session.id })
  setToast(c, othersSignedOut(ended ?? 0))
  return goOn(c, '/account/sessions')
})

const RevokeForm = z.strictObject({ why: z.literal('not-recognised').optional() })

devices.post('/account/sessions/:id/revoke', signedIn(), async (c) => {
  const id = uuid<SessionId>().safeParse(c.req.param('id'))
  const { why } = await readForm(c, RevokeForm)
  const { db, actor, current } = c.var
  if (id.data === current.session.id) return signOutHere(c)
  const own = { accountId: current.account.id }
  const revoked = (id: SessionId) =>
    why ? revokeUnrecognised(db, id, actor, own) : revokeSession(db, id, actor, null, own)
  const session = id.data && (await revoked(id.data))
  if (!session) throw notFound('device')
  setToast(c, why ? deviceNotRecognised : deviceSignedOut)
  return goOn(c, why ? '/account/security' : '/account/sessions')
})

/** A dialog's form is sent by htmx, which is told to take the whole page on. */
function goOn(c: AppContext, path: string): Response {
  if (!c.req.header('hx-request')) return c.redirect(path, 303)
  c.header('HX-Redirect', path)
  return c.body(null, 204)
}
