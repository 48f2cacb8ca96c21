export interface Palette {
  /** Red, green, blue, alpha. */
  colours: Colour[]
  /** By pixel, which of them. */
  pixels: number[]
}
type Colour = readonly [number, number, number, number]

/** As many colours as four bits can name. */
const MOST = 16
/** Moving the colours to the middle of what they stand for changes nothing any more. */
const ROUNDS = 24

/**
 * A small picture in at most sixteen colours: a flag has few, and what is between them at an edge is not told apart.
 *
 * @param bytes red, green, blue, alpha of each pixel
 */
export function paletteOf(bytes: readonly number[]): Palette {
  const all = Array.from({ length: bytes.length / 4 }, (_, n) => bytes.slice(4 * n, 4 * n + 4) as unknown as Colour)
  const counted = new Map<string, { colour: Colour; count: number }>()
  for (const colour of all) {
    const key = colour.join()
    counted.set(key, { colour, count: (counted.get(key)?.count ?? 0) + 1 })
  }
  const distinct = [...counted.values()]
  let colours = farApart(distinct, MOST)
  if (distinct.length > MOST) for (let round = 0; round < ROUNDS; round++) colours = centred(colours, distinct)
  return { colours, pixels: all.map((colour) => nearest(colours, colour)) }
}

interface Counted {
  colour: Colour
  count: number
}

/** The most frequent, then always the one that most pixels are furthest away by. */
function farApart(from: Counted[], most: number): Colour[] {
  const [first, ...others] = [...from].sort((a, b) => b.count - a.count).map(({ colour }) => colour)
  if (!first || from.length <= most) return first ? [first, ...others] : []
  const chosen: Colour[] = [first]
  while (chosen.length < most) {
    const error = ({ colour, count }: Counted) => count * distance(colour, chosen[nearest(chosen, colour)] ?? colour)
    chosen.push(from.reduce((worst, one) => (error(one) > error(worst) ? one : worst)).colour)
  }
  return chosen
}

function centred(colours: Colour[], from: Counted[]): Colour[] {
  const sums = colours.map(() => [0, 0, 0, 0, 0])
  for (const { colour, count } of from) {
    const sum = sums[nearest(colours, colour)]
    if (sum) for (const [n, value] of [...colour, 1].entries()) sum[n] = (sum[n] ?? 0) + value * count
  }
  return colours.map((colour, n) => {
    const [red = 0, green = 0, blue = 0, alpha = 0, count = 0] = sums[n] ?? []
    return count ? ([red, green, blue, alpha].map((value) => Math.round(value / count)) as unknown as Colour) : colour
  })
}

function nearest(colours: Colour[], to: Colour): number {
  return colours.reduce(
    (best, colour, n) => (distance(colour, to) < distance(colours[best] ?? colour, to) ? n : best),
    0,
  )
}

const distance = (a: Colour, b: Colour) => a.reduce((sum, value, n) => sum + (value - (b[n] ?? 0)) ** 2, 0)
