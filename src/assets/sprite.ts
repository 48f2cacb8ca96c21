import { readFileSync } from 'node:fs'
import { ICONS, MARKS, RARE_MARKS, WINDOWS_MARK } from './icons.js'

const LINES = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

/** One file with every icon that the pages use, each a symbol in the colour of the text around it. */
export function iconsSvg(packages: string): string {
  return sprite(ICONS.map((name) => symbol(name, LINES, inner(`${packages}/lucide-static/icons/${name}.svg`))))
}

/** The marks of browsers and systems: a file of their own, which only lists of sessions wait for. */
export const marksSvg = (packages: string): string => sprite([...marks(packages, MARKS), mark('windows', WINDOWS_MARK)])

export const rareMarksSvg = (packages: string): string => sprite(marks(packages, RARE_MARKS))

const marks = (packages: string, names: readonly string[]) =>
  names.map((name) => mark(name, inner(`${packages}/simple-icons/icons/${name}.svg`)))

const mark = (name: string, body: string) => symbol(name, 'fill="currentColor"', rounded(body))

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
