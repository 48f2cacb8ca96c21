import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fontsOf } from '../../../templates/components/fonts.js'

/** By file: the letters that the stylesheet fetches it for. Marks are in several, each with the letters that they stand on. */
function lettersOf(font: string): [string, Set<number>][] {
  const css = readFileSync('static/css/fonts.css', 'utf8')
  const faces = css.matchAll(new RegExp(`fonts/(${font}-[a-z-]+)\\.woff2.*?unicode-range:(.*?);`, 'gs'))
  return [...faces].map(([, name = '', ranges = '']) => {
    const letters = [...ranges.matchAll(/U\+([0-9A-F]+)(?:-([0-9A-F]+))?/g)].flatMap(([, from = '', to = from]) => {
      const first = Number.parseInt(from, 16)
      return Array.from({ length: Number.parseInt(to, 16) - first + 1 }, (_, n) => first + n)
    })
    return [name, new Set(letters.filter((letter) => !/\p{M}/u.test(String.fromCodePoint(letter))))]
  })
}

test('no letter of the text has two font files: while one is late, a browser fetches the other too', () => {
  const files = lettersOf('inter')
  expect(files.length).toBeGreaterThan(8)
  const twice = files.flatMap(([name, letters], n) =>
    files.slice(n + 1).flatMap(([other, others]) => {
      const both = [...letters].filter((letter) => others.has(letter))
      return both.length > 0 ? [`${name} and ${other}: ${String.fromCodePoint(...both)}`] : []
    }),
  )
  expect(twice).toEqual([])
})

test('a name has each file asked for that one of its letters is in, and no other', () => {
  const asked = (name: string) => fontsOf([name]).map((file) => /inter-[a-z-]+/.exec(file)?.[0])
  expect(asked('Zoë Ångström-Peña')).toEqual([])
  expect(asked('Łukasz Woźniak')).toEqual(['inter-latin-ext-common'])
  expect(asked('Řehoř')).toEqual(['inter-latin-ext-common', 'inter-latin-ext-capitals'])
  expect(asked('Nguyễn Văn Ơn')).toEqual(['inter-latin-ext-common', 'inter-vietnamese'])
  expect(asked('Ứng')).toEqual(['inter-vietnamese-rest'])
  for (const [file, letters] of lettersOf('inter'))
    for (const letter of letters) {
      const files = asked(String.fromCodePoint(letter))
      if (files.length > 0) expect(files).toEqual([file])
    }
})
