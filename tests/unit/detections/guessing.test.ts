import { describe, expect, it } from 'vitest'
import { seeGuessing } from '../../../src/detections/guessing.js'

describe('guessing', () => {
  it.each(['pair', 'account', 'device'])('by the counter of %s: not before one has to wait for a minute', (counter) => {
    expect(seeGuessing({ counter, seconds: 32 })).toBeUndefined()
    expect(seeGuessing({ counter, seconds: 64 })).toEqual({
      rule: 'guessing',
      severity: 'medium',
      evidence: 'So many wrong passwords that the next try has to wait 64 s.',
    })
  })

  it.each([
    ['address', /one address/],
    ['network', /one network/],
    ['global', /everywhere/],
  ])('by the counter of %s: at once', (counter, evidence) => {
    expect(seeGuessing({ counter, seconds: 1 })).toEqual({
      rule: 'spraying',
      severity: 'high',
      evidence: expect.stringMatching(evidence),
    })
  })
})
