import { expect, it } from 'vitest'
import { BadCursor, readCursor, writeCursor } from '../../../src/db/page.js'

it.each([
  ['a NUL', 'Ada\0'],
  ['half of a surrogate pair', 'Ada\ud800'],
])('S-56 a cursor that holds %s is refused, not sent to the database', (_, key) => {
  const bound = { list: 'accounts' as const, q: 'ada' }
  expect(() => readCursor(bound, writeCursor(bound, [key, 'x']), 2)).toThrow(BadCursor)
})

it('S-56 a cursor of any name that there can be is read as it was written', () => {
  const keys = ['Ådä 😀 "\\\n', '01900000-0000-7000-8000-000000000001']
  const bound = { list: 'accounts' as const }
  expect(readCursor(bound, writeCursor(bound, keys), 2)).toEqual(keys)
})
