import { expect, test } from 'vitest'
import { EVENT_TYPES } from '../../../src/webhooks/events.js'
import { EXAMPLES } from '../../../src/webhooks/examples.js'

test('every type of message has an example, as it is sent', () => {
  expect([...EXAMPLES.keys()].toSorted()).toEqual([...EVENT_TYPES, 'rollcall.test', 'session.ended_many'].toSorted())
  expect(EXAMPLES.get('account.blocked')).toEqual({
    type: 'account.blocked',
    timestamp: '2026-01-31T12:00:00.000Z',
    data: {
      by: expect.objectContaining({ name: 'Ada Byrne' }),
      reason: 'Compromised',
      account: expect.objectContaining({ email: 'priya@example.com' }),
      sessionsEnded: 3,
      after: { reason: 'Compromised', message: null, until: null },
    },
  })
})
