import { expect, it, onTestFinished } from 'vitest'
import type { Attached } from '../../../src/client/attached.js'
import { createRollcall } from '../../../src/client/honoGuard.js'
import { whileItLasts } from '../../../src/client/honoSocket.js'
import { Memory } from '../../../src/follower/memory.js'
import { factsOf } from '../../support/factsOf.js'
import { aNode, KEY } from './fakeNode.js'

it('asks the database about a socket once more, whatever is remembered, from where it came', async () => {
  const node = await aNode()
  const rollcall = createRollcall({ url: node.url, key: KEY, cookie: 'session', clientIp: () => '198.51.100.7' })
  onTestFinished(() => rollcall.stop())
  const { token } = node.aSession()
  const header = (name: string) => (name === 'cookie' ? `session=${token}` : undefined)
  let who: Attached | undefined
  await rollcall.guardSocket((_c, attached) => {
    who = attached
    return {}
  })({ req: { header, method: 'GET', url: 'http://localhost/socket' } })
  expect(await who?.verifyAgain()).toMatchObject({ status: 'active' })
  const asked = node.askedFor('/sessions/verify').at(-1)
  expect(asked?.body).toMatchObject({ fresh: true, client: { ip: '198.51.100.7' } })
})

it('S-17 what has ended before its socket is open is closed, and the app hears of no such socket', () => {
  const heard: string[] = []
  const watchedFrom: unknown[] = []
  const closed: [number, string][] = []
  const verdict = Memory.verdictOf(factsOf(0))
  if (verdict.status !== 'active') return expect.fail(verdict.reason)
  const verifier = {
    onEnded(_id: string, callback: (reason: 'ended') => void, from?: { ip?: string | null }) {
      watchedFrom.push(from?.ip)
      callback('ended')
      return () => {}
    },
  }
  const app = { onOpen: () => heard.push('open'), onMessage: () => heard.push('message') }
  const events = whileItLasts(verifier, verdict, app, '198.51.100.7')
  const socket = { close: (code: number, reason: string) => closed.push([code, reason]) }
  const [open, message]: ((event: unknown, socket: unknown) => void)[] = [events.onOpen, events.onMessage]
  open?.({}, socket)
  message?.({ data: 'late' }, socket)
  expect(closed).toEqual([[4401, 'ended']])
  expect(heard).toEqual([])
  expect(watchedFrom, 'blocks of its network count').toEqual(['198.51.100.7'])
})
