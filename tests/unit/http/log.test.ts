import { DrizzleQueryError } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { createFailureLog, createLog } from '../../../src/log.js'

const SECRET = 'Planted-secret-in-a-query'

/** What the log says of an error. */
function logged(error: unknown): string {
  const lines: string[] = []
  createLog('info', { write: (line) => lines.push(line) }).error({ err: error }, 'unexpected error')
  expect(lines).toHaveLength(1)
  return lines[0] ?? ''
}

it('S-61 of a failed query the log says which and why, and nothing of what was sent with it', () => {
  const cause = Object.assign(new Error(`invalid input syntax for type uuid: "${SECRET}"`), {
    severity: 'ERROR',
    code: '22P02',
    detail: `Key (email)=(${SECRET}) already exists.`,
    constraint_name: 'accounts_email',
  })
  // A parameter that looks like a frame of a stack must not pass for one.
  const error = new DrizzleQueryError('select 1 where a = $1', [SECRET, `x\n    at ${SECRET} (file.ts:1:1)`], cause)
  const line = logged(error)
  expect(line).not.toContain(SECRET)
  for (const known of [
    'select 1 where a = $1',
    'invalid input syntax for type uuid',
    '22P02',
    'accounts_email',
    'log.test',
  ])
    expect(line).toContain(known)
})

it('an error that is none of the database’s is told whole', () => {
  const line = logged(new Error('outer: it broke', { cause: new TypeError('inner: x is not a function') }))
  for (const known of ['outer: it broke', 'TypeError', 'inner: x is not a function']) expect(line).toContain(known)
})

it('S-61 S-44 whatever is thrown, it is one line of JSON, and causes that go round end', () => {
  const round = new Error('first\nsecond\r\nthird')
  round.cause = round
  for (const thrown of [SECRET, { password: SECRET }, undefined, round]) {
    const line = logged(thrown)
    expect(line).not.toContain(SECRET)
    expect(line.trimEnd()).not.toMatch(/[\r\n]/)
    expect(JSON.parse(line).msg).toBe('unexpected error')
  }
})

it('what goes on failing is one line in ten seconds, which says how many it stands for; what fails besides has its own', () => {
  const lines: string[] = []
  let now = 0
  const failed = createFailureLog(createLog('info', { write: (line) => lines.push(line) }), () => now)
  const [checks, touches] = [failed('a check had no answer'), failed('a use could not be written')]
  for (; now < 10_000; now += 10) checks(new Error('away'))
  touches(new Error('away'))
  checks(new Error('still away'))
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: 'a check had no answer' },
    { msg: 'a use could not be written' },
    { msg: 'a check had no answer', untold: 999, err: { message: 'still away' } },
  ])
  expect(lines[0]).not.toContain('untold')
})
