import { asset } from '../../src/assets/manifest.js'

/** Subsets of `src/assets/fonts.ts` that names of people and places are written with, by letters that no other one has. */
const OF_NAMES = [
  [
    'inter-latin-ext-common',
    /[\u0101\u0103\u0105-\u0107\u010c-\u010d\u010f-\u0111\u0113\u0119\u011b\u011f\u012b\u0130\u0141-\u0142\u0144\u0148\u0151\u0159-\u015b\u015e-\u0161\u0165\u016b\u016f\u0171\u017a-\u017e\u0218-\u0219\u021b]/,
  ],
  [
    'inter-latin-ext-capitals',
    /[\u0100\u0102\u0104\u010e\u0112\u0118\u011a\u011e\u012a\u0143\u0147\u0150\u0158\u0164\u016a\u016e\u0170\u0179\u021a]/,
  ],
  ['inter-vietnamese', /[\u01a0\u01a1\u01af\u01b0]|(?=\p{Ll})[\u0129\u0169\u1ea0-\u1ef9]/u],
  ['inter-vietnamese-rest', /(?=\p{Lu})[\u0128\u0168\u1ea0-\u1ef9]/u],
  ['inter-cyrillic', /[\u0400-\u045f]/],
  ['inter-greek', /[\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ff]/],
] as const

/**
 * The files that a browser need not find out about by laying out the page: each that comes later has all of it laid out and
 * painted again.
 *
 * @param texts what people and places are called on it
 */
export function fontsOf(texts: (string | null)[]): string[] {
  const text = texts.join()
  return OF_NAMES.filter(([, letters]) => letters.test(text)).map(([name]) => fontFile(name))
}

export const fontFile = (name: string): string => asset(`fonts/${name}.woff2`)
