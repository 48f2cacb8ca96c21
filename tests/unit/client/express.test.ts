import { expect, it, onTestFinished } from 'vitest'
import { createRollcall } from '../../../src/client/express.js'
import { aNode, KEY } from './fakeNode.js'

it('asks about a socket once more from where it came: a block of its network counts, and none of another', async () => {
  const node = await aNode()
  const rollcall = createRollcall({ url: node.url, key: KEY, cookie: 'session' })
  onTestFinished(() => rollcall.stop())
  const { token } = node.aSession()
  const request = { headers: { cookie: `session=${token}` }, socket: { remoteAddress: '198.51.100.7' } }
  const who = await rollcall.guardSocket({ close() {} }, request)
  expect(await who?.verifyAgain()).toMatchObject({ status: 'active' })
  const asked = node.askedFor('/sessions/verify').at(-1)
  expect(asked?.body).toMatchObject({ fresh: true, client: { ip: '198.51.100.7' } })
})
