import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rows } from '../../../src/follower/rows.js'
import { Texts } from '../../../src/follower/texts.js'

const WORDS = 6
/** Few different words, so that keys are alike and meet in one place. */
const keys = fc.array(fc.constantFrom(0, 1, -1, 0x7fffffff), { minLength: 4, maxLength: 4 })
const steps = fc.array(fc.tuple(fc.constantFrom('insert', 'remove', 'clear'), keys, fc.integer()), { maxLength: 200 })

describe('rows', () => {
  it('are found, changed and removed like those of a map', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 40 }), (history, capacity) => {
        const rows = new Rows(WORDS, capacity)
        const model = new Map<string, { key: Int32Array; value: number }>()
        for (const [what, words, value] of history) {
          const key = Int32Array.from(words)
          const row = rows.find(key, 0)
          expect(row >= 0).toBe(model.has(words.join()))
          if (what === 'clear') {
            if (value % 10 !== 0) continue
            rows.clear()
            model.clear()
          } else if (what === 'remove') {
            if (row >= 0) rows.remove(row)
            model.delete(words.join())
          } else if (row < 0 && model.size < capacity) {
            const fresh = rows.insert(key, 0)
            expect([...rows.ints(fresh).slice(rows.base(fresh) + 4, rows.base(fresh) + WORDS)]).toEqual([0, 0])
            rows.ints(fresh)[rows.base(fresh) + 4] = value
            model.set(words.join(), { key, value })
          }
          expect(rows.count).toBe(model.size)
        }
        for (const { key, value } of model.values()) {
          const row = rows.find(key, 0)
          expect(rows.ints(row)[rows.base(row) + 4]).toBe(value)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('are as many as they were made for, over several pages', () => {
    const rows = new Rows(WORDS, 20_000)
    const key = (n: number) => Int32Array.from([n, n * 7, n << 16, 5])
    for (let n = 0; n < 20_000; n++) rows.insert(key(n), 0)
    for (let n = 0; n < 20_000; n += 3) rows.remove(rows.find(key(n), 0))
    for (let n = 0; n < 20_000; n++) expect(rows.find(key(n), 0) >= 0).toBe(n % 3 !== 0)
  })
})

describe('texts', () => {
  it('are read as they were kept, whatever was dropped in between', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 3_000, size: 'max' }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.nat(3)), { maxLength: 60 }), (history) => {
        const texts = new Texts()
        const kept = new Map<number, string>()
        for (const [one, what] of history) {
          const [oldest] = kept.keys()
          if (what === 0 && oldest !== undefined) {
            texts.drop(oldest)
            kept.delete(oldest)
          } else {
            // UTF-8 has no half of a pair; no name has one either.
            const whole = one.toWellFormed()
            const reference = texts.keep(whole)
            expect(kept.has(reference)).toBe(false)
            kept.set(reference, whole)
          }
        }
        for (const [reference, whole] of kept) expect(texts.read(reference)).toBe(whole)
      }),
      { numRuns: 200 },
    )
  })

  it('give their place to the next one of their size', () => {
    const texts = new Texts()
    const first = texts.keep('a name')
    texts.drop(first)
    expect(texts.keep('other')).toBe(first)
  })
})
