const PAGE_BITS = 13
const ROWS_A_PAGE = 1 << PAGE_BITS
const ROW_MASK = ROWS_A_PAGE - 1
const KEY_WORDS = 4

/**
 * Rows of fixed size, found by a key of 4 words (a UUID), outside the heap: a million of them cost the garbage collector
 * nothing. Open addressing with linear probing; a removal closes the gap, so that there are no tombstones.
 *
 * The words of a row are `ints(row)[base(row) + word]`, its doubles `floats(row)[base(row) / 2 + word / 2]`.
 */
export class Rows {
  readonly #words: number
  readonly #rowsAPage: number
  readonly #mask: number
  readonly #slots: Int32Array
  readonly #ints: Int32Array[] = []
  readonly #floats: Float64Array[] = []
  #free = -1
  #used = 0
  #count = 0

  /** @param words an even number, the key's 4 included */
  constructor(words: number, capacity: number) {
    this.#words = words
    // A small one takes no more than it needs; one row more, since a new one may come before an old one goes.
    this.#rowsAPage = Math.min(ROWS_A_PAGE, capacity + 1)
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * 1.6)) - 1
    this.#slots = new Int32Array(this.#mask + 1)
  }

  get count(): number {
    return this.#count
  }

  ints(row: number): Int32Array {
    return this.#ints[row >>> PAGE_BITS] as Int32Array
  }

  floats(row: number): Float64Array {
    return this.#floats[row >>> PAGE_BITS] as Float64Array
  }

  base(row: number): number {
    return (row & ROW_MASK) * this.#words
  }

  get(row: number, word: number): number {
    return this.ints(row)[this.base(row) + word] as number
  }

  set(row: number, word: number, value: number): void {
    this.ints(row)[this.base(row) + word] = value
  }

  /** @returns the row, or -1 */
  find(key: Int32Array, at: number): number {
    for (let slot = this.#home(key, at); ; slot = (slot + 1) & this.#mask) {
      const row = (this.#slots[slot] as number) - 1
      if (row < 0) return -1
      const ints = this.ints(row)
      const base = this.base(row)
      if (
        ints[base + 3] === key[at + 3] &&
        ints[base + 2] === key[at + 2] &&
        ints[base + 1] === key[at + 1] &&
        ints[base] === key[at]
      )
        return row
    }
  }

  /** The caller has seen that the key is not there, and keeps the number of rows within the capacity. */
  insert(key: Int32Array, at: number): number {
    const row = this.#take()
    const ints = this.ints(row)
    const base = this.base(row)
    ints.fill(0, base, base + this.#words)
    for (let i = 0; i < KEY_WORDS; i++) ints[base + i] = key[at + i] as number
    let slot = this.#home(key, at)
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask
    this.#slots[slot] = row + 1
    this.#count += 1
    return row
  }

  remove(row: number): void {
    let gap = this.#home(this.ints(row), this.base(row))
    while (this.#slots[gap] !== row + 1) gap = (gap + 1) & this.#mask
    for (let slot = (gap + 1) & this.#mask; this.#slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      const moved = (this.#slots[slot] as number) - 1
      const home = this.#home(this.ints(moved), this.base(moved))
      // Whoever would not be found any more from where it belongs moves into the gap.
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue
      this.#slots[gap] = moved + 1
      gap = slot
    }
    this.#slots[gap] = 0
    this.set(row, 0, this.#free)
    this.#free = row
    this.#count -= 1
  }

  clear(): void {
    this.#slots.fill(0)
    this.#ints.length = 0
    this.#floats.length = 0
    this.#free = -1
    this.#used = 0
    this.#count = 0
  }

  #home(key: Int32Array, at: number): number {
    let mixed = Math.imul(key[at + 3] as number, 0x9e3779b1) ^ (key[at + 2] as number)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) ^ (key[at + 1] as number)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) ^ (key[at] as number)
    return (mixed ^ (mixed >>> 16)) & this.#mask
  }

  #take(): number {
    if (this.#free >= 0) {
      const row = this.#free
      this.#free = this.get(row, 0)
      return row
    }
    const row = this.#used++
    if ((row & ROW_MASK) === 0) {
      const page = new ArrayBuffer(this.#rowsAPage * this.#words * 4)
      this.#ints.push(new Int32Array(page))
      this.#floats.push(new Float64Array(page))
    }
    return row
  }
}
