import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import subsetFont from 'subset-font'

/**
 * What the stylesheet asks for: `font-weight` and `font-feature-settings` in static/css. The rest is half of a file.
 * Every page needs what English is written with; the letters of Western Europe are made of the same parts, and cost less there
 * than in a file of their own. Other letters are files by how often names have them: the small ones of the rest of Europe and the
 * capitals that names begin with, the small ones of Vietnamese, the capitals that are seldom, all others. So are the digits and
 * letters of addresses and ids, which are all that a list has in the other type.
 */
const FONTS = [
  {
    name: 'inter',
    subsets: [
      'latin',
      'latin-signs',
      'latin-ext',
      'latin-ext-a',
      'latin-ext-common',
      'latin-ext-capitals',
      'cyrillic',
      'cyrillic-ext',
      'greek',
      'greek-ext',
      'vietnamese',
      'vietnamese-rest',
    ],
    variationAxes: { wght: { min: 400, max: 600, default: 400 } },
    keepFeatures: ['kern', 'tnum', 'cv11', 'ss03', 'ccmp', 'mark', 'mkmk'],
  },
  {
    name: 'jetbrains-mono',
    subsets: ['latin', 'latin-ext', 'address'],
    variationAxes: { wght: 400 },
    keepFeatures: ['ccmp', 'mark', 'mkmk'],
  },
] as const
/** Letters that stand alone among those of another file: a pair of two files is kerned by neither. */
const SCATTERED = ['latin-signs', 'latin-ext-common', 'latin-ext-capitals', 'vietnamese', 'vietnamese-rest']
/** A part of a subset of the package; under the package's own name, what is left of it. Ranges as in static/css/fonts.css. */
const PARTS: Record<string, { of: string; range: string }> = {
  'inter-latin': {
    of: 'latin',
    range:
      'U+0000-007E,U+00A0,U+00AB,U+00B7,U+00BB,U+00C0-00FF,U+0131,U+0152-0153,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+FEFF,U+FFFD',
  },
  'inter-latin-signs': {
    of: 'latin',
    range:
      'U+00A1-00AA,U+00AC-00B6,U+00B8-00BA,U+00BC-00BF,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2215',
  },
  'inter-latin-ext-a': {
    of: 'latin-ext',
    range:
      'U+0108-010B,U+0114-0117,U+011C-011D,U+0120-0127,U+012C-012F,U+0132-0140,U+0145-0146,U+0149-014F,U+0154-0157,U+015C-015D,U+0162-0163,U+0166-0167,U+016C-016D,U+0172-0178,U+017F,U+1E9E',
  },
  'inter-latin-ext-common': {
    of: 'latin-ext',
    range:
      'U+0101,U+0103,U+0105-0107,U+010C-010D,U+010F-0111,U+0113,U+0119,U+011B,U+011F,U+012B,U+0130,U+0141-0142,U+0144,U+0148,U+0151,U+0159-015B,U+015E-0161,U+0165,U+016B,U+016F,U+0171,U+017A-017E,U+0218-0219,U+021B',
  },
  'inter-latin-ext-capitals': {
    of: 'latin-ext',
    range:
      'U+0100,U+0102,U+0104,U+010E,U+0112,U+0118,U+011A,U+011E,U+012A,U+0143,U+0147,U+0150,U+0158,U+0164,U+016A,U+016E,U+0170,U+0179,U+021A',
  },
  'inter-vietnamese': {
    of: 'vietnamese',
    range:
      'U+0129,U+0169,U+01A0-01A1,U+01AF-01B0,U+1EA1,U+1EA3,U+1EA5,U+1EA7,U+1EA9,U+1EAB,U+1EAD,U+1EAF,U+1EB1,U+1EB3,U+1EB5,U+1EB7,U+1EB9,U+1EBB,U+1EBD,U+1EBF,U+1EC1,U+1EC3,U+1EC5,U+1EC7,U+1EC9,U+1ECB,U+1ECD,U+1ECF,U+1ED1,U+1ED3,U+1ED5,U+1ED7,U+1ED9,U+1EDB,U+1EDD,U+1EDF,U+1EE1,U+1EE3,U+1EE5,U+1EE7,U+1EE9,U+1EEB,U+1EED,U+1EEF,U+1EF1,U+1EF3,U+1EF5,U+1EF7,U+1EF9',
  },
  'inter-vietnamese-rest': {
    of: 'vietnamese',
    range:
      'U+0128,U+0168,U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0,U+1EA2,U+1EA4,U+1EA6,U+1EA8,U+1EAA,U+1EAC,U+1EAE,U+1EB0,U+1EB2,U+1EB4,U+1EB6,U+1EB8,U+1EBA,U+1EBC,U+1EBE,U+1EC0,U+1EC2,U+1EC4,U+1EC6,U+1EC8,U+1ECA,U+1ECC,U+1ECE,U+1ED0,U+1ED2,U+1ED4,U+1ED6,U+1ED8,U+1EDA,U+1EDC,U+1EDE,U+1EE0,U+1EE2,U+1EE4,U+1EE6,U+1EE8,U+1EEA,U+1EEC,U+1EEE,U+1EF0,U+1EF2,U+1EF4,U+1EF6,U+1EF8,U+20AB',
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
        keepFeatures: keepFeatures.filter((feature) => feature !== 'kern' || !SCATTERED.includes(subset)),
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
