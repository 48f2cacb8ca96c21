import { describe, expect, it } from 'vitest'
import { askTogether } from '../../../src/sessions/log/together.js'

describe('questions', () => {
  it('are asked at once and alone while few ask', async () => {
    const { ask, asked, answer } = some()
    const one = ask('a')
    const other = ask('b')
    expect(asked()).toEqual(['a', 'b'])
    answer()
    answer()
    expect(await Promise.all([one, other])).toEqual(['A', 'B'])
  })

  it('that come while as many are under way as may be go together in the next, each with its own answer', async () => {
    const { ask, asked, answer } = some()
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(ask)
    expect(asked()).toEqual(['a', 'b'])
    answer()
    await all[0]
    expect(asked()).toEqual(['a', 'b', 'cdef'])
    answer()
    await all[1]
    expect(asked()).toEqual(['a', 'b', 'cdef', 'g'])
    answer()
    answer()
    expect(await Promise.all(all)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G'])
  })

  it('that fail together fail each, and the next ones are asked', async () => {
    const { ask, asked, fail, answer } = some()
    const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map((question) => settled(ask(question)))
    fail(new Error('away'))
    expect(await first).toBe('away')
    answer()
    expect(await second).toBe('B')
    expect(asked()).toEqual(['a', 'b', 'cd'])
    fail(new Error('away again'))
    expect(await Promise.all([third, fourth])).toEqual(['away again', 'away again'])
  })

  it('that nobody waits for any more are not asked', async () => {
    const { ask, asked, answer, clock } = some()
    const first = settled(ask('a'))
    const second = settled(ask('b'))
    const late = settled(ask('c'))
    clock.now = 600
    const inTime = settled(ask('d'))
    clock.now = 1_001
    answer()
    expect(await first).toBe('A')
    expect(await late).toBe('no answer within 1000 ms')
    expect(asked()).toEqual(['a', 'b', 'd'])
    answer()
    answer()
    expect(await Promise.all([second, inTime])).toEqual(['B', 'D'])
  })
})

const settled = (answer: Promise<string>) => answer.catch((error: unknown) => String(error).replace(/^\w+: /, ''))

/** Two statements at once, four questions each; the test says when one is answered. Answers are in capitals. */
function some() {
  const clock = { now: 0 }
  const asked: string[] = []
  const underWay: { resolve(): void; reject(error: Error): void }[] = []
  const ask = askTogether<string, string>({
    clock: { monotonicMs: () => clock.now },
    atOnce: 2,
    most: 4,
    patienceMs: 1_000,
    ask: (questions) =>
      new Promise((resolve, reject) => {
        asked.push(questions.join(''))
        underWay.push({ resolve: () => resolve(questions.map((question) => question.toUpperCase())), reject })
      }),
  })
  return {
    ask,
    clock,
    asked: () => asked,
    answer: () => underWay.shift()?.resolve(),
    fail: (error: Error) => underWay.shift()?.reject(error),
  }
}
