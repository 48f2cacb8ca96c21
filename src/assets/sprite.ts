import { readFileSync } from 'node:fs'
import { ICONS, MARKS, WINDOWS_MARK } from './icons.js'

/** One file with every icon that the pages use, each a symbol in the colour of the text around it. */
export function spriteSvg(packages: string): string {
  const inner = (path: string) =>
    readFileSync(path, 'utf8')
      .replace(/<!--.*?-->|<title>.*?<\/title>|<\/?svg[^>]*>/gs, '')
      .replace(/\s+/g, ' ')
      .trim()
  const lines = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
  const symbol = (id: string, attributes: string, body: string) =>
    `<symbol id="${id}" viewBox="0 0 24 24" ${attributes}>${body}</symbol>`
  return [
    '<svg xmlns="http://www.w3.org/2000/svg">',
    ...ICONS.map((name) => symbol(name, lines, inner(`${packages}/lucide-static/icons/${name}.svg`))),
    ...MARKS.map((name) =>
      symbol(`mark-${name}`, 'fill="currentColor"', inner(`${packages}/simple-icons/icons/${name}.svg`)),
    ),
    symbol('mark-windows', 'fill="currentColor"', WINDOWS_MARK),
    '</svg>',
  ].join('')
}
