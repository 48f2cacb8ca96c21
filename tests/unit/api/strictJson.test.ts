import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findJsonProblem } from '../../../src/api/strictJson.js'

describe('S-53 JSON that programs may read differently', () => {
  test.each([
    ['{"a":1,"a":2}', 'a', 'more than once'],
    ['{"a":{"b":1,"\\u0062":2}}', 'a.b', 'more than once'],
    ['[{"a":1},{"a":1,"a":1}]', '1.a', 'more than once'],
    ['{"a":{"__proto__":{}}}', 'a.__proto__', 'not a name'],
    ['{"a":"x\\u0000y"}', 'a', 'NUL'],
    ['{"a":["ok","\\ud800"]}', 'a.1', 'surrogate'],
    ['{"\\udc00":1}', '�', 'surrogate'],
    ['{"n":9007199254740993}', 'n', '2^53'],
    ['{"n":-1e400}', 'n', '2^53'],
    ['{"n":1e16}', 'n', '2^53'],
    ['{"a":', 'request', 'not JSON'],
    ['', 'request', 'not JSON'],
    ['{"a":NaN}', 'request', 'not JSON'],
    ['{"a":1}x', 'request', 'not JSON'],
  ])('%s is named', (text, path, message) => {
    expect(findJsonProblem(text)).toEqual({ path, message: expect.stringContaining(message) })
  })

  test('10,000 levels are refused, in JSON that is whole', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `${open.repeat(10_000)}1${close.repeat(10_000)}`
      expect(findJsonProblem(text)?.message).toContain('levels deep')
    }
  })

  test('every other JSON passes', () => {
    const plain = fc.jsonValue({ maxDepth: 8 }).filter((value) => !JSON.stringify(value).includes('__proto__'))
    fc.assert(
      fc.property(plain, (value) => {
        const text = JSON.stringify(value)
        const odd = /\\u0000|\\ud[89a-f]/i.test(text) || /\d{16}|e\+/.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'))
        if (!odd) expect(findJsonProblem(text)).toBeUndefined()
      }),
    )
  })

  test('quotes, brackets and commas inside of text are text', () => {
    expect(findJsonProblem('{"a":"\\"a\\":1,}{[","b":"\\\\","c":[{},{}]}')).toBeUndefined()
  })

  test('64 KiB of anything are read to the end', () => {
    const texts = [`"${'\\"'.repeat(32_000)}"`, `[${'1,'.repeat(32_000)}1]`, `{"a":"${'x'.repeat(65_000)}"}`]
    for (const text of texts) expect(findJsonProblem(text)).toBeUndefined()
  })
})
