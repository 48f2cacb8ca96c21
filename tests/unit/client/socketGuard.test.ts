import { expect, it } from 'vitest'
import { guardSocket } from '../../../src/client/socketGuard.js'
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
