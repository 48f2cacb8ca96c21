import { asset } from '../../src/assets/manifest.js'

/** Subsets of `src/assets/fonts.ts` that names of people and places are written with, by letters that no other one has. */
const OF_NAMES = [
  ['inter-latin-letters', /[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0131\u0152\u0153]/],
  [
    'inter-latin-ext-common',
    /[\u0100-\u0107\u010c-\u0113\u0118-\u011b\u011e-\u011f\u012a-\u012b\u0130\u0141-\u0144\u0147-\u0148\u0150-\u0151\u0158-\u015b\u015e-\u0161\u0164-\u0165\u016a-\u016b\u016e-\u0171\u0179-\u017e\u0218-\u021b]/,
  ],
  ['inter-vietnamese', /[\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]/],
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
