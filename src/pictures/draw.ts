import { type Option, renderSvg } from './echarts.js'

/** What stands inside an `<svg>` of this size: no style attribute or element, colours by the page's custom properties. */
export interface Picture {
  width: number
  height: number
  markup: string
}

/** A hundred pictures are about a megabyte. */
const MOST_KEPT = 100
const kept = new Map<string, Picture>()

/**
 * Draws what is to be seen once, and gives the same picture while it stays the same: drawing costs milliseconds, and
 * every open page of every admin asks for it at each change.
 *
 * @param name begins the ids inside; one picture of a name and width on a page
 * @param seen all that the option depends on but for the size
 */
export function drawOnce(
  name: string,
  seen: unknown,
  size: { width: number; height: number },
  option: () => Option,
): Picture {
  const key = JSON.stringify([name, size.width, size.height, seen])
  const picture = kept.get(key) ?? { ...size, markup: inline(renderSvg(option(), size.width, size.height), name, size) }
  // The one that was asked for longest ago goes first.
  kept.delete(key)
  kept.set(key, picture)
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
  return picture
}

/**
 * Makes a document of echarts a part of our page. A colour that it was given as `var(--name)` is still there, so one
 * drawing serves both themes, print and forced colours; letters come in the page's own font.
 */
export function inline(svg: string, name: string, { width }: { width: number }): string {
  const lines = svg
    .replace(/^<svg[^>]*>\s*<rect[^>]*><\/rect>/, '')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<\/svg>\s*$/, '')
    // Quotes in texts are written as &quot;, so these are attributes.
    .replace(/ (?:style|class|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/zr\d+-(?=[a-z]\d+[")])/g, `${name}-${width}-`)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  return joinPaths(lines).join('')
}

const PATH = /^<path d="([^"]*)"([^>]*)><\/path>$/

/** Neighbours that look the same become one path: 48 bars take the room of one. */
function joinPaths(lines: string[]): string[] {
  const joined: string[] = []
  for (const line of lines) {
    const [, shape, look] = PATH.exec(line) ?? []
    const [, before, lookBefore] = PATH.exec(joined.at(-1) ?? '') ?? []
    if (shape && before && look === lookBefore && !look?.includes('transform')) {
      joined[joined.length - 1] = `<path d="${before}${shape}"${look}></path>`
    } else joined.push(line)
  }
  return joined
}
