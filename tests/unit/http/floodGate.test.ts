import { describe, expect, it } from 'vitest'
import { createFloodGate } from '../../../src/http/floodGate.js'

describe('a flood gate', () => {
  it('lets so many a minute through for each key, and counts the rest', () => {
    let now = 0
    const gate = createFloodGate({ aMinute: 2, monotonicMs: () => now })
    expect([1, 2, 3, 4, 5].map(() => gate.pass('a'))).toEqual([0, 0, undefined, undefined, undefined])
    expect(gate.pass('b')).toBe(0)
    now = 59_999
    expect(gate.pass('a')).toBeUndefined()
    now = 60_000
    expect([1, 2, 3].map(() => gate.pass('a'))).toEqual([4, 0, undefined])
  })

  it('remembers no more keys than it may', () => {
    const gate = createFloodGate({ keys: 2 })
    for (const key of ['a', 'b', 'c']) expect(gate.pass(key)).toBe(0)
    expect(gate.pass('c')).toBeUndefined()
    expect(gate.pass('b')).toBeUndefined()
    expect(gate.pass('a')).toBe(0)
  })
})
