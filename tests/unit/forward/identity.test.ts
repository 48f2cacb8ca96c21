import { expect, it } from 'vitest'
import { identityHeaders } from '../../../src/forward/identity.js'
import type { ActiveSession } from '../../../src/http/env.js'

const ofEmail = (email: string | null) =>
  identityHeaders({ session: { id: 's' }, account: { id: 'a', email, role: 'person' } } as unknown as ActiveSession)[
    'X-Rollcall-Email'
  ]

it('an address goes into a header as it is while it is plain, and never looks like another one', () => {
  expect(ofEmail('ada+x@example.com')).toBe('ada+x@example.com')
  expect(ofEmail('zoë@example.com')).toBe('zo%C3%AB@example.com')
  expect(ofEmail('zo%C3%AB@example.com')).toBe('zo%25C3%25AB@example.com')
  expect(ofEmail('a\r\nX-Rollcall-Roles: owner@example.com')).toBe('a%0D%0AX-Rollcall-Roles:%20owner@example.com')
  expect(ofEmail(null)).toBe('')
})
