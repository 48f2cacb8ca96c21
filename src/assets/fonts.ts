import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import subsetFont from 'subset-font'

/**
 * What the stylesheet asks for: `font-weight` and `font-feature-settings` in static/css. The rest is half of a file.
 * Names of half of Europe need one of 130 letters that are a tenth of Latin Extended: those are a file of their own. So are
 * the digits and letters of addresses and ids, which are all that a list has in the other type.
 */
const FONTS = [
  {
    name: 'inter',
    subsets: ['latin', 'latin-ext-a', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese'],
    variationAxes: { wght: { min: 400, max: 600, default: 400 } },
    keepFeatures: ['kern', 'tnum', 'cv11', 'ss03', 'ccmp', 'mark', 'mkmk', 'locl'],
  },
  {
    name: 'jetbrains-mono',
    subsets: ['latin', 'latin-ext', 'address'],
    variationAxes: { wght: 400 },
    keepFeatures: ['ccmp', 'mark', 'mkmk'],
  },
] as const
/** A part of a subset of the package, under a name of its own. */
const PARTS: Record<string, { of: string; range: string }> = {
  'latin-ext-a': { of: 'latin-ext', range: 'U+0100-0130,U+0132-0151,U+0154-017F,U+0218-021B,U+1E9E' },
  address: { of: 'latin', range: 'U+002D-003A,U+0061-0066' },
}

/** The fonts of the pages, each subset a file of its own with the weights and features that are in use. */
export async function fontFiles(packages: string): Promise<{ name: string; content: Buffer }[]> {
  const files: { name: string; content: Buffer }[] = []
  for (const { name, subsets, variationAxes, keepFeatures } of FONTS) {
    const folder = join(packages, '@fontsource-variable', name)
    const ranges: Record<string, string> = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8'))
    for (const subset of subsets) {
      const { of: from, range } = PARTS[subset] ?? { of: subset, range: ranges[subset] ?? '' }
      const whole = readFileSync(join(folder, 'files', `${name}-${from}-wght-normal.woff2`))
      const content = await subsetFont(whole, charactersOf(range), {
        targetFormat: 'woff2',
        variationAxes,
        keepFeatures: [...keepFeatures],
      })
      files.push({ name: `fonts/${name}-${subset}.woff2`, content })
    }
  }
  return files
}

/** Of ranges as CSS writes them: `U+0000-00FF,U+0131`. */
function charactersOf(ranges: string): string {
  return ranges
    .split(',')
    .flatMap((range) => {
      const [from = 0, to = from] = range
        .slice('U+'.length)
        .split('-')
        .map((digits) => Number.parseInt(digits, 16))
      return Array.from({ length: to - from + 1 }, (_, n) => String.fromCodePoint(from + n))
    })
    .join('')
}
