import { describe, expect, test } from 'vitest'
import { type AccountId, type AppId, BUILT_IN_APP, newId } from '../../../src/db/ids.js'
import {
  absoluteText,
  countText,
  dayText,
  durationText,
  endText,
  initials,
  methodText,
  momentText,
  relativeText,
  spanText,
} from '../../../templates/words.js'

const now = new Date('2026-11-24T12:04:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

describe('a time is said as people say it', () => {
  test.each([
    [ago(2 * second), 'now'],
    [ago(38 * second), '38 s ago'],
    [ago(4 * minute), '4 min ago'],
    [ago(6 * hour), '6 h ago'],
    [ago(11 * hour), '11 h ago'],
    [ago(20 * hour), 'Yesterday'],
    [ago(6 * day), '18 Nov'],
    [ago(-7 * day + second), 'in 7 days'],
    [new Date('2025-11-18T09:00:00Z'), '18 Nov 2025'],
    [new Date('2026-11-24T18:00:00Z'), 'in 5 h 56 min'],
    [new Date('2026-11-27T18:00:00Z'), 'in 3 days'],
  ])('%s is %s', (at, text) => {
    expect(relativeText(at, now)).toBe(text)
  })

  test('a clock that runs a little behind makes no future', () => {
    expect(relativeText(ago(-3 * second), now)).toBe('now')
  })

  test('days have their names', () => {
    expect(dayText(now, now)).toBe('Today, 24 November')
    expect(dayText(ago(day), now)).toBe('Yesterday, 23 November')
    expect(dayText(ago(4 * day), now)).toBe('Friday, 20 November')
    expect(momentText(new Date('2026-11-25T09:00:00Z'), now)).toBe('tomorrow at 09:00')
  })

  test('the whole of it says its zone', () => {
    expect(absoluteText(now)).toBe('24 November 2026, 12:04:00 UTC')
  })
})

test('spans and settings use their largest units', () => {
  expect([40 * second, 5 * minute, 5 * hour + 56 * minute, 3 * day].map(spanText)).toEqual([
    '40 s',
    '5 min',
    '5 h 56 min',
    '3 days',
  ])
  expect([900, 28_800, 86_400, 2_592_000].map(durationText)).toEqual(['15 minutes', '8 hours', '1 day', '30 days'])
})

test('counts agree with their noun', () => {
  expect([countText(1, 'session'), countText(48_213, 'session'), countText(2, 'person', 'people')]).toEqual([
    '1 session',
    '48,213 sessions',
    '2 people',
  ])
})

test('initials come from any script and from none', () => {
  expect(['Aiko Tanaka', 'Nguyễn Thị Linh', 'madonna', '👩‍💻', '  ', '<b>x</b>'].map(initials)).toEqual([
    'AT',
    'NL',
    'M',
    '?',
    '?',
    'BB',
  ])
})

describe('an end says who did it', () => {
  const by = { kind: 'account', id: 'a1', name: 'Jonas Weber' }
  const shop = { id: newId<AppId>(), name: 'Shop', icon: 'store' as const }
  const end = { at: now, reason: 'revoked' as const, note: null, by, position: null }
  test('somebody else by name, oneself as you', () => {
    expect(endText(end, shop, 'a2' as AccountId)).toBe('Signed out by Jonas Weber')
    expect(endText(end, shop, 'a1' as AccountId)).toBe('Signed out by you')
  })
  test('what the person did in an app names the app, and Rollcall’s own sessions name none', () => {
    const rollcall = { ...shop, id: BUILT_IN_APP, name: 'Rollcall' }
    const texts = (['signed-out', 'replaced'] as const).flatMap((reason) =>
      [shop, rollcall].map((app) => endText({ ...end, reason }, app, 'a1')),
    )
    expect(texts).toEqual([
      'Signed out in Shop',
      'Signed out',
      'Replaced by a newer sign-in in Shop',
      'Replaced by a newer sign-in',
    ])
  })
  test('what ended by itself names nobody', () => {
    expect(endText({ ...end, reason: 'idle', by: null }, shop, 'a1')).toBe('Idle for too long')
  })
})

test.each([
  ['password', 'Password'],
  ['sso', 'SSO'],
  ['oidc', 'OpenID Connect'],
  ['magic link', 'Magic link'],
])('somebody who signed in by %s did so by %s', (method, text) => {
  expect(methodText(method)).toBe(text)
})
