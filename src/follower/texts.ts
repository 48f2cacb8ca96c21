const PAGE_BYTES = 64 * 1024
const CELLS = [32, 48, 64, 80, 96, 128, 192, 256, 512, 1_024, 2_048]
const LENGTH_BYTES = 2
/** A reference holds the page above and the cell below these bits. */
const CELL_BITS = 11

/**
 * Short texts outside the heap, in cells of a few sizes. What is longer than the largest cell stays on the heap: names
 * are short, and whoever has a long one costs a little more.
 */
export class Texts {
  readonly #pages: Page[] = []
  readonly #free = new Map<number, number[]>()
  readonly #unused = new Map<number, { page: number; from: number }>()
  readonly #long = new Map<number, string>()
  readonly #scratch = new Uint8Array(CELLS.at(-1) ?? 0)
  readonly #encoder = new TextEncoder()
  readonly #decoder = new TextDecoder()
  #nextLong = -2

  /** @returns a reference to `read` and `drop` it by */
  keep(text: string): number {
    const { read, written } = this.#encoder.encodeInto(text, this.#scratch)
    const cell = read < text.length ? undefined : CELLS.find((size) => size >= written + LENGTH_BYTES)
    if (cell === undefined) {
      const reference = this.#nextLong--
      this.#long.set(reference, text)
      return reference
    }
    const reference = this.#free.get(cell)?.pop() ?? this.#take(cell)
    const { bytes, at } = this.#place(reference)
    bytes[at] = written >>> 8
    bytes[at + 1] = written
    bytes.set(this.#scratch.subarray(0, written), at + LENGTH_BYTES)
    return reference
  }

  read(reference: number): string {
    if (reference < 0) return this.#long.get(reference) ?? ''
    const { bytes, fast, at } = this.#place(reference)
    const from = at + LENGTH_BYTES
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    return fast ? fast.toString('utf8', from, from + length) : this.#decoder.decode(bytes.subarray(from, from + length))
  }

  drop(reference: number): void {
    if (reference < 0) {
      this.#long.delete(reference)
      return
    }
    const { cell } = this.#pages[reference >>> CELL_BITS] as Page
    const free = this.#free.get(cell)
    if (free) free.push(reference)
    else this.#free.set(cell, [reference])
  }

  clear(): void {
    this.#pages.length = 0
    this.#free.clear()
    this.#unused.clear()
    this.#long.clear()
  }

  #take(cell: number): number {
    let unused = this.#unused.get(cell)
    if (!unused || (unused.from + 1) * cell > PAGE_BYTES) {
      const bytes = new Uint8Array(PAGE_BYTES)
      this.#pages.push({ bytes, fast: FastBytes?.from(bytes.buffer), cell })
      unused = { page: this.#pages.length - 1, from: 0 }
      this.#unused.set(cell, unused)
    }
    return (unused.page << CELL_BITS) | unused.from++
  }

  #place(reference: number): Pick<Page, 'bytes' | 'fast'> & { at: number } {
    const { bytes, fast, cell } = this.#pages[reference >>> CELL_BITS] as Page
    return { bytes, fast, at: (reference & ((1 << CELL_BITS) - 1)) * cell }
  }
}

interface Page {
  bytes: Uint8Array
  /** The same bytes, where the runtime has Node's way of reading a text from the middle of them: several times as fast. */
  fast: { toString(encoding: 'utf8', from: number, to: number): string } | undefined
  cell: number
}

const { Buffer: FastBytes } = globalThis as {
  Buffer?: { from(bytes: ArrayBuffer): NonNullable<Page['fast']> }
}
