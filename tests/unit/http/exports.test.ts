import { expect, test } from 'vitest'
import { createExports } from '../../../src/http/exports.js'

test('S-74 three exports of one reader and twelve in all are under way at most; who leaves makes room', () => {
  const exports = createExports()
  const enter = (who: string) => exports.enter(who, () => {})
  const [leave] = [enter('a'), enter('a'), enter('a')]
  expect(enter('a')).toBeUndefined()
  for (const who of ['b', 'c', 'd']) for (let n = 0; n < 3; n++) expect(enter(who), who).toBeDefined()
  expect(enter('e')).toBeUndefined()
  leave?.()
  expect(enter('e')).toBeDefined()
  expect(enter('f')).toBeUndefined()
})
