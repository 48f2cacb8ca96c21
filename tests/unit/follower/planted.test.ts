import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../../src/root.js'
import { BUGS } from '../../support/simulation/bugs.js'

/** Finding them takes minutes and is done by hand; a rule that was written anew is noticed here. */
it.each(Object.entries(BUGS))('%s: the rule that it breaks stands once in the engine', (_name, { file, find }) => {
  expect(readFileSync(join(PROJECT_ROOT, 'src', file), 'utf8').split(find)).toHaveLength(2)
})
