import { array, assert, constantFrom, property, stringMatching, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCookie } from '../../../src/client/index.js'

describe('a cookie', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['session=a', 'a'],
    ['session=a; theme=dark', 'a'],
    ['theme=dark; session=a', 'a'],
    ['theme=dark;session=a;', 'a'],
    ['theme=session=b; session=a', 'a'],
    ['xsession=b; session=a', 'a'],
    ['session-id=b; session=a', 'a'],
    ['session2=b; session=a', 'a'],
    ['SESSION=b; session=a', 'a'],
    ['session="a"', '"a"'],
    ['session=a=b', 'a=b'],
    ['session=', ''],
    ['session', undefined],
    ['theme=session', undefined],
  ])('of %j is %j', (header, value) => {
    expect(readCookie(header, 'session')).toBe(value)
  })

  it.each([
    'session=a; session=b',
    'session=a; session=a',
    'session=a; theme=dark; session=',
    'session=a; session =b',
    'session\t=b; session=a',
    ` session=a;${' '.repeat(20)}session=b`,
    `session=a; theme=${'x'.repeat(17_000)}`,
  ])('S-04 is none where there are two of that name, or the header is oversized: %.40j', (header) => {
    expect(readCookie(header, 'session')).toBeNull()
  })

  it('S-04 is read as splitting the header reads it, whatever it holds', () => {
    const part = stringMatching(/^[a-z= \t"]{0,8}$/)
    const name = constantFrom('session', 'session', 'sessions', 'a session', 'theme', '')
    void assert(
      property(array(tuple(name, part)), (pairs) => {
        const header = pairs.map(([first, rest]) => first + rest).join(';')
        const values = header
          .split(';')
          .map((pair) => /^[ \t]*session[ \t]*=(.*)$/s.exec(pair)?.[1]?.trim())
          .filter((value) => value !== undefined)
        const expected = values.length > 1 ? null : values[0]
        expect(readCookie(header, 'session')).toBe(expected)
      }),
    )
  })

  it('is found in a hostile header in no time', () => {
    const hostile = [' '.repeat(16_000), 'session'.repeat(2_200), ' session'.repeat(2_000), 'session '.repeat(2_000)]
    const began = performance.now()
    for (const header of hostile) expect(readCookie(header, 'session')).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(50)
  })
})
