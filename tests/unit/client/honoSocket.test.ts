import { expect, it, onTestFinished } from 'vitest'
import type { Attached } from '../../../src/client/attached.js'
import { createRollcall } from '../../../src/client/honoGuard.js'
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
