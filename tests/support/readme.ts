import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../../src/root.js'

/**
 * A block of code of the README, to the letter.
 *
 * @param language as it stands behind the backticks
 * @param holds what only the block that is meant holds
 */
export function readmeBlock(language: string, holds = ''): string {
  const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8')
  const found = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(
    ([, name, code = '']) => name === language && code.includes(holds),
  )
  const [block] = found
  if (!block?.[2] || found.length > 1)
    throw new Error(`the README has ${found.length} ${language} blocks with "${holds}"`)
  return block[2]
}
