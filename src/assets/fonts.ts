import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import subsetFont from 'subset-font'

/**
 * What the stylesheet asks for: `font-weight` and `font-feature-settings` in static/css. The rest is half of a file.
 * Every page needs what English is written with, and that alone. Letters with accents are files of their own, by how often
 * names have them: those of Western Europe, sixty of the rest of Europe, the seventy that are seldom, all others. So are the
 * digits and letters of addresses and ids, which are all that a list has in the other type.
 */
const FONTS = [
  {
    name: 'inter',
    subsets: [
      'latin',
      'latin-letters',
      'latin-ext',
      'latin-ext-a',
      'latin-ext-common',
      'cyrillic',
      'cyrillic-ext',
      'greek',
      'greek-ext',
      'vietnamese',
    ],
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
/** A part of a subset of the package; under the package's own name, what is left of it. Ranges as in static/css/fonts.css. */
const PARTS: Record<string, { of: string; range: string }> = {
  'inter-latin': {
    of: 'latin',
    range:
      'U+0000-007E,U+00A0,U+00AB,U+00B7,U+00BB,U+00D7,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+FEFF,U+FFFD',
  },
  'inter-latin-letters': {
    of: 'latin',
    range:
      'U+00A1-00AA,U+00AC-00B6,U+00B8-00BA,U+00BC-00D6,U+00D8-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2215',
  },
  'inter-latin-ext-a': {
    of: 'latin-ext',
    range:
      'U+0108-010B,U+0114-0117,U+011C-011D,U+0120-0127,U+012C-012F,U+0132-0140,U+0145-0146,U+0149-014F,U+0154-0157,U+015C-015D,U+0162-0163,U+0166-0167,U+016C-016D,U+0172-0178,U+017F,U+1E9E',
  },
  'inter-latin-ext-common': {
    of: 'latin-ext',
    range:
      'U+0100-0107,U+010C-0113,U+0118-011B,U+011E-011F,U+012A-012B,U+0130,U+0141-0144,U+0147-0148,U+0150-0151,U+0158-015B,U+015E-0161,U+0164-0165,U+016A-016B,U+016E-0171,U+0179-017E,U+0218-021B',
  },
  'inter-latin-ext': {
    of: 'latin-ext',
    range:
      'U+0180-019F,U+01A2-01AE,U+01B1-0217,U+021C-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9D,U+1E9F,U+1EFA-1EFF,U+20A0-20AA,U+20AD-20B3,U+20B5-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
  },
  'jetbrains-mono-address': { of: 'latin', range: 'U+002D-003A,U+0061-0066' },
}

/** The fonts of the pages, each subset a file of its own with the weights and features that are in use. */
export async function fontFiles(packages: string): Promise<{ name: string; content: Buffer }[]> {
  const files: { name: string; content: Buffer }[] = []
  for (const { name, subsets, variationAxes, keepFeatures } of FONTS) {
    const folder = join(packages, '@fontsource-variable', name)
    const ranges: Record<string, string> = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8'))
    for (const subset of subsets) {
      const { of: from, range } = PARTS[`${name}-${subset}`] ?? { of: subset, range: ranges[subset] ?? '' }
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
