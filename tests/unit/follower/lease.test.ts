import { describe, expect, it } from 'vitest'
import { clocksAgree, leaseLeft } from '../../../src/follower/lease.js'

const sent = { monotonic: 1_000, wall: 50_000 }
const later = (monotonic: number, wall = monotonic) => ({ monotonic: 1_000 + monotonic, wall: 50_000 + wall })

describe('S-15 a lease', () => {
  it('S-15 runs from the sending of the poll, less the age of the answer', () => {
    expect(leaseLeft({ sent, ageMs: 0 }, 2_000, later(500))).toBe(1_500)
    expect(leaseLeft({ sent, ageMs: 700 }, 2_000, later(500))).toBe(800)
    expect(leaseLeft({ sent, ageMs: 700 }, 2_000, later(1_300))).toBe(0)
    expect(leaseLeft({ sent, ageMs: 0 }, 2_000, later(9_000))).toBe(0)
  })

  it('S-15 is over when the clocks disagree by more than 100 ms, whichever of them moved, and in whatever direction', () => {
    expect(leaseLeft({ sent, ageMs: 0 }, 2_000, later(500, 599))).toBe(1_500)
    expect(leaseLeft({ sent, ageMs: 0 }, 2_000, later(500, 601))).toBe(0)
    expect(leaseLeft({ sent, ageMs: 0 }, 2_000, later(500, -5_000))).toBe(0)
    expect(clocksAgree(sent, later(10, 111))).toBe(false)
  })

  it('S-16 is not there before the first poll, and not for an answer of no age', () => {
    expect(leaseLeft(undefined, 2_000, later(0))).toBe(0)
    expect(leaseLeft({ sent, ageMs: Number.NaN }, 2_000, later(0))).toBe(0)
    expect(leaseLeft({ sent, ageMs: -5 }, 2_000, later(0))).toBe(0)
    expect(leaseLeft({ sent, ageMs: Number.POSITIVE_INFINITY }, 2_000, later(0))).toBe(0)
  })
})
