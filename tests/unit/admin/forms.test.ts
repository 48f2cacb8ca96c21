import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../src/accounts/types.js'
import { readTermsForm } from '../../../src/admin/accountsBlockForm.js'
import { inUnits, readPolicy, valuesOf } from '../../../src/admin/settingsForm.js'

const NOW = new Date('2026-11-24T12:00:00Z')

describe('the terms of a block', () => {
  test.each([
    ['1h', '2026-11-24T13:00:00.000Z'],
    ['24h', '2026-11-25T12:00:00.000Z'],
    ['7d', '2026-12-01T12:00:00.000Z'],
  ])('%s is counted from now', (until, at) => {
    const read = readTermsForm({ reason: 'compromised', until }, NOW)
    expect(read).toMatchObject({ terms: { reason: 'compromised', until: new Date(at), message: null } })
  })

  test('without a time they hold until somebody lifts them', () => {
    expect(readTermsForm({ reason: 'policy' }, NOW)).toEqual({
      terms: { reason: 'policy', until: null, message: null },
    })
  })

  test.each([
    ['Europe/Berlin', '2026-11-30T18:00', '2026-11-30T17:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-30T18:00', '2026-11-30T12:30:00.000Z'],
    ['America/New_York', '2027-03-14T12:00', '2027-03-14T16:00:00.000Z'],
  ])('a date is read in the zone %s that it was asked for in', (zone, date, until) => {
    const read = readTermsForm({ reason: 'policy', until: 'date', date, zone }, NOW)
    expect('terms' in read && read.terms.until?.toISOString()).toBe(until)
  })

  test('a date without a zone is read as UTC', () => {
    const read = readTermsForm({ reason: 'policy', until: 'date', date: '2026-11-30T18:00' }, NOW)
    expect(read).toMatchObject({ terms: { until: new Date('2026-11-30T18:00:00Z') } })
  })

  test('Other needs words, and they become the reason', () => {
    expect(readTermsForm({ reason: 'other', other: '  ' }, NOW)).toHaveProperty('errors.other')
    expect(readTermsForm({ reason: 'other', other: ' seen in Osaka ' }, NOW)).toMatchObject({
      terms: { reason: 'seen in Osaka' },
    })
  })

  test.each([
    ['no reason', {}, 'reason'],
    ['a reason that is none of the picks', { reason: 'because' }, 'reason'],
    ['S-56 a date in the past', { reason: 'policy', until: 'date', date: '2026-11-24T11:59' }, 'date'],
    ['S-56 no date', { reason: 'policy', until: 'date' }, 'date'],
    ['S-56 a date that is none', { reason: 'policy', until: 'date', date: '2026-13-45T99:99' }, 'date'],
    ['a span that is none of the segments', { reason: 'policy', until: '3 weeks' }, 'until'],
    ['a message without end', { reason: 'policy', message: 'x'.repeat(1_001) }, 'message'],
    ['a reason without end', { reason: 'other', other: 'x'.repeat(501) }, 'other'],
  ])('%s is said beside its field', (_, values, field) => {
    expect(readTermsForm(values, NOW)).toHaveProperty(`errors.${field}`)
  })
})

const SETTINGS: Settings = {
  idleTimeout: 86_400,
  absoluteTimeout: 30 * 86_400,
  adminIdleTimeout: 900,
  adminAbsoluteTimeout: 8 * 3_600,
  sessionLimit: 100,
  contact: 'your administrator',
  auditDays: null,
  sessionDays: null,
  maskForViewers: false,
}

describe('the policies', () => {
  test('what is shown, posted back unchanged, changes nothing', () => {
    expect(readPolicy(valuesOf(SETTINGS), SETTINGS, {})).toEqual({ changes: SETTINGS })
  })

  test('S-06 a timeout above what is safe needs a yes; below it none', () => {
    const raised = { adminIdleTimeout: '2', adminIdleTimeoutUnit: 'hours' } as const
    expect(readPolicy(raised, SETTINGS, {})).toMatchObject({ risks: ['adminIdleTimeout'] })
    expect(readPolicy({ ...raised, accept_risk: 'on' }, SETTINGS, {})).toEqual({ changes: { adminIdleTimeout: 7_200 } })
    const lowered = { adminIdleTimeout: '5', adminIdleTimeoutUnit: 'minutes' } as const
    expect(readPolicy(lowered, SETTINGS, {})).toEqual({ changes: { adminIdleTimeout: 300 } })
  })

  test('S-06 a risk that was accepted is not asked about again while it is not raised further', () => {
    const risky = { ...SETTINGS, adminIdleTimeout: 7_200 }
    expect(readPolicy(valuesOf(risky), risky, {})).toEqual({ changes: risky })
    const more = { adminIdleTimeout: '3', adminIdleTimeoutUnit: 'hours' } as const
    expect(readPolicy(more, risky, {})).toMatchObject({ risks: ['adminIdleTimeout'] })
  })

  test('what the environment decides is not changed in the panel', () => {
    const fixed = { idleTimeout: 'ROLLCALL_IDLE_TIMEOUT' }
    const read = readPolicy({ idleTimeout: '5', idleTimeoutUnit: 'minutes' }, SETTINGS, fixed)
    expect(read).toMatchObject({ errors: { idleTimeout: expect.stringContaining('ROLLCALL_IDLE_TIMEOUT') } })
    expect(readPolicy({ sessionLimit: '5' }, SETTINGS, fixed)).toEqual({ changes: { sessionLimit: 5 } })
  })

  test.each(['', '1.5', '-1', '1e3', 'ten', '99999999', '０'])('%j is no whole number', (typed) => {
    expect(readPolicy({ sessionLimit: typed }, SETTINGS, {})).toHaveProperty('errors.sessionLimit')
    expect(readPolicy({ idleTimeout: typed }, SETTINGS, {})).toHaveProperty('errors.idleTimeout')
  })

  test('a time is shown in the largest unit in which it is whole', () => {
    expect(inUnits(86_400)).toEqual({ n: 1, unit: 'days' })
    expect(inUnits(5_400)).toEqual({ n: 90, unit: 'minutes' })
    expect(inUnits(7_200)).toEqual({ n: 2, unit: 'hours' })
  })
})
