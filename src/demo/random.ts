/** The same numbers for the same seed, so that the demo tells the same story each time. Not for secrets. */
export interface Random {
  /** From 0 up to but not 1. */
  next(): number
  /** True in so many of one cases. */
  chance(share: number): boolean
  between(least: number, most: number): number
  /** A whole number, both ends included. */
  whole(least: number, most: number): number
  pick<T>(list: readonly T[]): T
}

/** @param seed anything that names what is decided: `"priya.raman|Billing|2026-11-24"` */
export function createRandom(seed: string): Random {
  let state = 2_166_136_261
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 16_777_619)
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (least: number, most: number) => least + next() * (most - least)
  return {
    next,
    chance: (share) => next() < share,
    between,
    whole: (least, most) => Math.floor(between(least, most + 1)),
    pick(list) {
      const picked = list[Math.floor(next() * list.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
  }
}
