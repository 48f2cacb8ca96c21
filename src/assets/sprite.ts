import { readFileSync } from 'node:fs'
import { APP_ICONS } from '../accounts/types.js'
import { ICONS, MARKS, type MarkName, RARE_MARKS, type RowIconName, WINDOWS_MARK } from './icons.js'

const LINES = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

/** One file with every icon that the pages use, each a symbol in the colour of the text around it. */
export function iconsSvg(packages: string): string {
  return sprite(ICONS.map((name) => symbol(name, LINES, inner(lucide(packages, name)))))
}

/** What lists have in every row: masks, in white, which the stylesheet itself holds. */
export const maskSvgs = (packages: string): Mask[] => [
  ...APP_ICONS.map((name) => line(packages, name, 14)),
  line(packages, 'ellipsis', 16),
  // In the place of a mark or a flag.
  line(packages, 'globe', 13),
  line(packages, 'monitor', 13),
  ...MARKS.map((name) => brand(packages, name)),
  { name: 'windows', size: MARK_SIZE, svg: mark(WINDOWS_MARK) },
]

export const rareMaskSvgs = (packages: string): Mask[] => RARE_MARKS.map((name) => brand(packages, name))

export interface Mask {
  /** As `data-mask` has it. */
  name: MarkName | RowIconName
  /** As it is shown: static/css/icon.css. */
  size: 13 | 14 | 16
  svg: string
}

const MARK_SIZE = 13

const line = (packages: string, name: RowIconName, size: Mask['size']): Mask => ({
  name,
  size,
  svg: alone(LINES.replace('currentColor', 'white'), inner(lucide(packages, name))),
})

const brand = (packages: string, name: MarkName): Mask => ({
  name,
  size: MARK_SIZE,
  svg: mark(inner(`${packages}/simple-icons/icons/${name}.svg`)),
})

const lucide = (packages: string, name: string) => `${packages}/lucide-static/icons/${name}.svg`

const mark = (body: string) => alone('fill="white"', rounded(body))

const alone = (attributes: string, body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" ${attributes}>${body}</svg>`

const sprite = (symbols: string[]) => `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`

const symbol = (id: string, attributes: string, body: string) =>
  `<symbol id="${id}" viewBox="0 0 24 24" ${attributes}>${body}</symbol>`

function inner(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/<!--.*?-->|<title>.*?<\/title>|<\/?svg[^>]*>/gs, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/**
 * To a tenth of a unit of 24: nothing to see at the sizes that marks are drawn in, and half of the bytes. Only the
 * fractions are touched, because the flags of an arc may be glued to the number behind them: `01.53` is 0, 1, .53.
 */
const rounded = (path: string) =>
  path.replace(/\.(\d{2,})/g, (_, digits: string) => `.${Math.min(9, Math.round(Number(`0.${digits}`) * 10))}`)
