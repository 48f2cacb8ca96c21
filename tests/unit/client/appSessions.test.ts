import { expect, it, vi } from 'vitest'
import { createAppSessions, sessionCookie } from '../../../src/client/appSessions.js'
import { RollcallFailure } from '../../../src/client/failure.js'
import type { Verifier } from '../../../src/client/types.js'

const visit = { ip: null, userAgent: '', headers: {} }

it('a sign-in whose answer was lost is not sent a second time: there would be two sessions', async () => {
  const broken = new RollcallFailure('no-answer', 'The connection broke.', new Error('ECONNRESET'))
  const ask = vi.fn(() => Promise.reject(broken))
  const calls = { ask, send: ask, open: ask, keyIsRefused: false }
  const verifier = { verify: async () => ({ status: 'denied', reason: 'unknown' }) } as unknown as Verifier
  const sessions = createAppSessions({ calls, verifier }, 'password')
  await expect(sessions.start({ id: 'ada' }, visit, undefined)).rejects.toMatchObject({ status: 503 })
  expect(ask).toHaveBeenCalledTimes(1)
})

it('S-02 a cookie with a prefix is Secure also where the app believes that it is served over http', () => {
  const kept = 'Path=/; Max-Age=60; HttpOnly; SameSite=Lax'
  const cookie = (name: string, isHttps: boolean) => sessionCookie(name, 't', { maxAge: 60, isHttps })
  expect(cookie('__Host-session', false)).toBe(`__Host-session=t; ${kept}; Secure`)
  expect(cookie('session', true)).toBe(`session=t; ${kept}; Secure`)
  expect(cookie('session', false)).toBe(`session=t; ${kept}`)
  expect(sessionCookie('session', null, { maxAge: 60, isHttps: true })).toContain('session=; Path=/; Max-Age=0;')
})
