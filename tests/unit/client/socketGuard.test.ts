import { expect, it } from 'vitest'
import { guardSocket } from '../../../src/client/socketGuard.js'
import type { Verifier } from '../../../src/client/types.js'
import { Memory } from '../../../src/follower/memory.js'
import type { Verdict } from '../../../src/follower/types.js'
import { factsOf } from '../../support/factsOf.js'

it.each<[string, Verdict]>([
  ['somebody', Memory.verdictOf(factsOf(0))],
  ['nobody', { status: 'denied', reason: 'ended' }],
])('what a socket sends waits until it is known that %s is signed in', async (_, verdict) => {
  const order: string[] = []
  const verifier = {
    verify: async () => {
      order.push('asked')
      return verdict
    },
    onEnded: () => () => {},
  }
  const socket = { close: () => {}, pause: () => order.push('held'), resume: () => order.push('let go') }
  await guardSocket(verifier, socket, 'a token', {})
  await new Promise((resolve) => setTimeout(resolve))
  expect(order).toEqual(['held', 'asked', 'let go'])
})

it('S-17 is closed when the network is blocked that it was opened from', async () => {
  let closeIfFrom = (_blocked: string) => {}
  const verifier: Pick<Verifier, 'verify' | 'onEnded'> = {
    verify: async () => Memory.verdictOf(factsOf(0)),
    onEnded(_id, callback, from) {
      closeIfFrom = (blocked) => {
        if (from?.ip === blocked) callback('network-blocked')
      }
      return () => {}
    },
  }
  const closed: [number, string][] = []
  const socket = { close: (code: number, reason: string) => closed.push([code, reason]) }
  await guardSocket(verifier, socket, 'a token', { ip: '203.0.113.7' })
  closeIfFrom('198.51.100.7')
  expect(closed).toEqual([])
  closeIfFrom('203.0.113.7')
  expect(closed).toEqual([[4403, 'network-blocked']])
})
