import { Hono } from 'hono'
import { isBackground, signedIn } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { timeLeft as timeLeftOf } from '../sessions/timeLeft.js'

/**
 * How long the own session lasts, for the notice before its end. Asked in the background it only tells; asked by the
 * person ("Stay signed in") it is a use like any other, which the database hears of with the next batch of touches.
 */
export const timeLeft = new Hono<AppEnv>()

timeLeft.get('/account/time-left', signedIn(), async (c) => {
  const left = await timeLeftOf(c.var.db, c.var.current.session.id)
  if (!left) throw notFound('session')
  const { latestMs, policyMs } = left
  const idleMs = isBackground(c) ? left.idleMs : policyMs
  return c.json({ endsInMs: Math.min(idleMs, latestMs), why: idleMs <= latestMs ? 'idle' : 'limit', policyMs })
})
