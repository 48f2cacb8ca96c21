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
