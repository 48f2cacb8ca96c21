import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findProblem } from '../../../src/api/problems.js'
import { PROJECT_ROOT } from '../../../src/root.js'

/** Those that only pages give: they have no `type`. */
const OF_PAGES = ['admin', 'site']

test('every code that a problem can carry is explained at its address', () => {
  const source = join(PROJECT_ROOT, 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !OF_PAGES.includes(file.split('/')[0] ?? ''),
  )
  const codes = files.flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/new PublicError\(\s*(\d{3}),\s*'([^']+)'/g)].map(
      ([, status, code]) => ({ file, status: Number(status), code: code ?? '' }),
    ),
  )
  expect(codes.length).toBeGreaterThan(15)
  for (const { file, status, code } of codes) expect(findProblem(code)?.status, `${code} in ${file}`).toBe(status)
})

test('what is no code is none, whatever objects inherit', () => {
  for (const code of ['constructor', '__proto__', 'toString', '']) expect(findProblem(code)).toBeUndefined()
})
