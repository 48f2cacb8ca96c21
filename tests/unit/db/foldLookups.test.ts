import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { foldLookups } from '../../../src/db/foldLookups.js'

describe('look-ups that come within a moment of each other', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Knows the squares of even numbers. */
  function squares() {
    const asked: number[][] = []
    const find = async (keys: number[]) => {
      asked.push(keys)
      if (keys.includes(13)) throw new Error('the database is away')
      return new Map(keys.filter((key) => key % 2 === 0).map((key) => [key, key * key]))
    }
    return { asked, look: foldLookups(find, () => 100) }
  }

  it('are asked for together, each key once, and each gets its own', async () => {
    const { asked, look } = squares()
    const answers = Promise.all([look([2, 4]), look([4, 6, 7])])
    await vi.advanceTimersByTimeAsync(100)
    expect(asked).toEqual([[2, 4, 6, 7]])
    expect((await answers).map((answer) => [...answer])).toEqual([
      [
        [2, 4],
        [4, 16],
      ],
      [
        [4, 16],
        [6, 36],
      ],
    ])
  })

  it('are answered by what was read after they came: one that is under way is joined by nobody', async () => {
    const { asked, look } = squares()
    const first = look([2])
    await vi.advanceTimersByTimeAsync(100)
    const second = look([2])
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all([first, second])
    expect(asked).toEqual([[2], [2]])
  })

  it('fail together, and those after them are asked anew', async () => {
    const { look } = squares()
    const failed = Promise.allSettled([look([13]), look([2])])
    await vi.advanceTimersByTimeAsync(100)
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = look([2])
    await vi.advanceTimersByTimeAsync(100)
    expect(await next).toEqual(new Map([[2, 4]]))
  })

  it('stay within what one statement is asked for', async () => {
    const { asked, look } = squares()
    const pages = Array.from({ length: 30 }, (_, page) =>
      look(Array.from({ length: 100 }, (_, n) => 1_000 + page * 100 + n)),
    )
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all(pages)
    expect(asked.map(({ length }) => length)).toEqual([2_000, 1_000])
  })

  it('of nothing ask for nothing', async () => {
    const { asked, look } = squares()
    expect(await look([])).toEqual(new Map())
    await vi.advanceTimersByTimeAsync(100)
    expect(asked).toEqual([])
  })
})
