import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { fixed } from '../../../src/db/fixed.js'
import { sessions } from '../../../src/db/schema.js'

test('a part that never changes is written out, with its constants as literals', () => {
  const part = fixed(sql`${sessions.method} = ${"it's"} or ${sessions.idleTimeout} > ${60}`)
  expect(new PgDialect().sqlToQuery(sql`where ${part} and ${sessions.id} = ${'x'}`)).toMatchObject({
    sql: `where "sessions"."method" = 'it''s' or "sessions"."idle_timeout" > 60 and "sessions"."id" = $1`,
    params: ['x'],
  })
})

test('what is no constant is refused', () => {
  expect(() => fixed(sql`${Buffer.from('x')}`)).toThrow('no constant')
})
