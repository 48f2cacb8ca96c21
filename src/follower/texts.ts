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
  readonly #pages: { bytes: Uint8Array; cell: number }[] = []
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
    const { bytes, at } = this.#place(reference)
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    return this.#decoder.decode(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
  }

  drop(reference: number): void {
    if (reference < 0) {
      this.#long.delete(reference)
      return
    }
    const { cell } = this.#pages[reference >>> CELL_BITS] as { cell: number }
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
      this.#pages.push({ bytes: new Uint8Array(PAGE_BYTES), cell })
      unused = { page: this.#pages.length - 1, from: 0 }
      this.#unused.set(cell, unused)
    }
    return (unused.page << CELL_BITS) | unused.from++
  }

  #place(reference: number): { bytes: Uint8Array; at: number } {
    const { bytes, cell } = this.#pages[reference >>> CELL_BITS] as { bytes: Uint8Array; cell: number }
    return { bytes, at: (reference & ((1 << CELL_BITS) - 1)) * cell }
  }
}
