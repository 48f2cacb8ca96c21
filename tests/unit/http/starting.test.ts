import { expect, it } from 'vitest'
import { readConfig } from '../../../src/config.js'
import { starting } from '../../../src/http/starting.js'

it.each([
  ['/', 503],
  ['/admin/sessions', 503],
  ['/readyz', 503],
  ['/healthz', 200],
])('S-40 S-42 S-45 %s carries the strict headers before the database is there', async (path, status) => {
  const answer = await starting(readConfig({ ROLLCALL_PUBLIC_URL: 'https://rollcall.example.com' })).request(path)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'nonce-/)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': expect.stringContaining('max-age'),
  })
})

it('an app that asks before the database is there gets a problem, as at any other time that it does not answer', async () => {
  const answer = await starting(readConfig({})).request('/api/v1/sessions/verify', { method: 'POST' })
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([
    503,
    'application/problem+json',
    '2',
  ])
  expect(await answer.json()).toMatchObject({
    type: expect.stringMatching(/\/api\/v1\/problems\/unavailable$/),
    status: 503,
    requestId: answer.headers.get('x-request-id'),
  })
})
