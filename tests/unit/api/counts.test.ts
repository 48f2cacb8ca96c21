import { expect, it } from 'vitest'
import { createCounts } from '../../../src/api/counts.js'
import { type KeyId, newId } from '../../../src/db/ids.js'

const [one, other, third] = [newId<KeyId>(), newId<KeyId>(), newId<KeyId>()]
const tooMany = { status: 429, code: 'too-many-counts' }

/** One that answers when it is told to. */
function aCount() {
  let answer = (_: number) => {}
  const count = () =>
    new Promise<number>((resolve) => {
      answer = resolve
    })
  return { count, answer: (n: number) => answer(n) }
}

it('S-74 a key has two counts under way, and all together four: the others are told to wait', async () => {
  const counts = createCounts()
  const held = [one, one, other, other].map((who) => {
    const { count, answer } = aCount()
    return { answer, counted: counts.take(who, count) }
  })
  await expect(counts.take(third, async () => 1)).rejects.toMatchObject(tooMany)
  held[0]?.answer(7)
  expect(await held[0]?.counted).toBe(7)
  await expect(counts.take(other, async () => 1)).rejects.toMatchObject(tooMany)
  expect(await counts.take(one, async () => 1)).toBe(1)
  expect(await counts.take(third, async () => 1)).toBe(1)
})

it('a count that fails makes room too', async () => {
  const counts = createCounts({ mostOfOne: 1 })
  const failing = () => counts.take(one, () => Promise.reject(new Error('the database is away')))
  await expect(failing()).rejects.toThrow('away')
  await expect(failing()).rejects.toThrow('away')
})
