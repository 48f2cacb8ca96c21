import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { maskSvgs, rareMaskSvgs } from '../../src/assets/sprite.js'
import { PROJECT_ROOT } from '../../src/root.js'
import { launchChromium } from '../support/launchChromium.js'
import { paletteOf } from './palette.js'
import { colouredPng, greyPng } from './png.js'

/*
 * `npm run draw-pictures`: draws flags and marks into static/flags and static/masks, which are committed. A browser makes a
 * document of its own for each SVG image: those of a list took it longer than the list itself. Each is drawn twice as large as it
 * is shown, which is all that most screens can show.
 */
const packages = join(PROJECT_ROOT, 'node_modules')
const FINENESS = 2

const browser = await launchChromium()
const page = await browser.newPage()
const flags = join(packages, 'country-flag-icons', '3x2')
await draw(
  'flags',
  readdirSync(flags)
    .filter((file) => /^[A-Z]{2}\.svg$/.test(file))
    .map((file) => ({
      name: file.slice(0, 2).toLowerCase(),
      svg: readFileSync(join(flags, file), 'utf8'),
      width: 18,
      height: 13.5,
    })),
  (pixels, width, height) => colouredPng(paletteOf(pixels), width, height),
)
await draw(
  'masks',
  [...maskSvgs(packages), ...rareMaskSvgs(packages)].map(({ name, size, svg }) => ({
    name: `${name}-${size}`,
    // Without a size of its own it would be drawn in another one.
    svg: svg.replace('<svg ', `<svg width="${size}" height="${size}" `),
    width: size,
    height: size,
  })),
  (pixels, width, height) => greyPng(lightOf(pixels), width, height),
)
await browser.close()

interface Picture {
  name: string
  svg: string
  width: number
  height: number
}

/** @param bytes red, green, blue, alpha of each pixel */
type Packing = (bytes: number[], width: number, height: number) => Buffer

async function draw(folder: string, pictures: Picture[], pack: Packing): Promise<void> {
  const to = join(PROJECT_ROOT, 'static', folder)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  for (const { name, svg, ...shown } of pictures) {
    const [width, height] = [FINENESS * shown.width, FINENESS * shown.height]
    const pixels = z.array(z.number()).parse(await page.evaluate(drawing(svg, width, height)))
    writeFileSync(join(to, `${name}.png`), pack(pixels, width, height))
  }
}

/** What is drawn in white: its alpha is how light it is on black. Sixteen shades are enough for an edge. */
function lightOf(bytes: number[]): number[] {
  return bytes.filter((_, n) => n % 4 === 3).map((alpha) => Math.round(alpha / 17))
}

/** Cut where it does not fit, as `object-fit: cover` does it. */
function drawing(svg: string, width: number, height: number): string {
  return `(async () => {
    const image = new Image()
    image.src = ${JSON.stringify(`data:image/svg+xml,${encodeURIComponent(svg)}`)}
    await image.decode()
    const [width, height] = ${JSON.stringify([width, height])}
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
    const scale = Math.max(width / image.width, height / image.height)
    const [w, h] = [scale * image.width, scale * image.height]
    context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h)
    return [...context.getImageData(0, 0, width, height).data]
  })()`
}
