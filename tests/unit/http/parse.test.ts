import { expect, it } from 'vitest'
import { z } from 'zod'
import { PublicError } from '../../../src/http/errors.js'
import { check } from '../../../src/http/parse.js'
import { instant } from '../../../src/http/times.js'

const Form = z.strictObject({ q: z.string().max(5), n: z.int(), state: z.enum(['live'], 'must be live').optional() })

it.each([
  [
    { q: 'longer', n: 1 },
    { path: 'q', message: 'is longer than 5 characters' },
  ],
  [{ n: 1 }, { path: 'q', message: 'is missing' }],
  [
    { q: 'a', n: 'b' },
    { path: 'n', message: 'must be number' },
  ],
  [
    { q: 'a', n: 1, utm_source: 'x' },
    { path: 'utm_source', message: 'is not known here' },
  ],
  [
    { q: 'a', n: 1, state: 'dead' },
    { path: 'state', message: 'must be live' },
  ],
])('S-53 %j is refused in words for people', (input, problem) => {
  const refused = () => check(Form, input)
  expect(refused).toThrow(PublicError)
  try {
    refused()
  } catch (error) {
    expect(error).toMatchObject({ status: 400, more: { errors: [problem] } })
  }
})

it.each(['2026-11-24T08:00:00Z', '2026-11-24T08:00Z', '2026-11-24T08:00+01:00', '2026-11-24T08:00:00.123Z'])(
  '%s is a time, also without its seconds',
  (time) => expect(instant.safeParse(time).success).toBe(true),
)

it.each([
  ['2026-11-24', 'must be a time such as 2026-11-24T08:00:00Z'],
  ['2026-11-24T08Z', 'must be a time such as 2026-11-24T08:00:00Z'],
  ['2300-01-01T00:00Z', 'must lie between 1970 and 2200'],
])('S-56 %s is none', (time, message) => {
  expect(instant.safeParse(time).error?.issues.map((issue) => issue.message)).toEqual([message])
})
