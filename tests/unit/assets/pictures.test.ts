import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { maskSvgs, rareMaskSvgs } from '../../../src/assets/sprite.js'
import { paletteOf } from '../../pictures/palette.js'
import { colouredPng } from '../../pictures/png.js'

/** Width and height, as a PNG's head has them. */
const sizeOf = (file: string) => {
  const head = readFileSync(`static/${file}`)
  return [head.readUInt32BE(16), head.readUInt32BE(20)]
}

test('each flag of country-flag-icons is drawn, twice as large as it is shown', () => {
  const flags = readdirSync('node_modules/country-flag-icons/3x2').filter((file) => /^[A-Z]{2}\.svg$/.test(file))
  expect(readdirSync('static/flags').sort()).toEqual(
    flags.map((file) => `${basename(file, '.svg').toLowerCase()}.png`).sort(),
  )
  expect(flags.map((file) => sizeOf(`flags/${basename(file, '.svg').toLowerCase()}.png`))).toEqual(
    flags.map(() => [36, 27]),
  )
})

test('each mask is drawn, twice as large as it is shown', () => {
  for (const { name, size } of [...maskSvgs('node_modules'), ...rareMaskSvgs('node_modules')])
    expect([name, ...sizeOf(`masks/${name}-${size}.png`)]).toEqual([name, 2 * size, 2 * size])
})

test('a picture of few colours keeps each, one of many keeps sixteen that are near', () => {
  const few = [255, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 255]
  expect(paletteOf(few)).toEqual({
    colours: [
      [255, 0, 0, 255],
      [255, 255, 255, 255],
    ],
    pixels: [0, 1, 0],
  })
  const many = Array.from({ length: 64 }, (_, n) => [4 * n, 0, 0, 255])
  const { colours, pixels } = paletteOf(many.flat())
  expect(colours).toHaveLength(16)
  for (const [n, pixel] of pixels.entries()) expect(Math.abs((colours[pixel]?.[0] ?? 0) - 4 * n)).toBeLessThan(16)
  expect(colouredPng({ colours, pixels }, 8, 8).subarray(1, 4).toString()).toBe('PNG')
})
