import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { createStreams } from '../../../src/http/streams.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession, type TestAccount } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

describe('event streams', () => {
  eachDatabase((database) => {
    const app = useApp(database)

    async function openStream(account?: TestAccount) {
      const {
        session,
        token,
        account: owner,
      } = await aSession(database.db, { ip: '127.0.0.1', ...(account ? { account } : {}) })
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      const response = await client.fetch('/account/stream', { headers: { accept: 'text/event-stream' } })
      return { session, token, account: owner, client, response }
    }

    it('S-17 the stream of a page says that its session was ended, and closes', async () => {
      const { session, response } = await openStream()
      expect(response.headers.get('content-type')).toMatch('text/event-stream')
      await revokeSession(database.db, session.id, TERMINAL, 'stolen')
      // Read to its end: a stream that stayed open would never return.
      expect(await response.text()).toContain('event: ended\ndata: {"reason":"revoked"}')
    })

    it('S-17 a block closes the streams of all of the account’s pages', async () => {
      const first = await openStream()
      const second = await openStream(first.account)
      await blockAccount(database.db, first.account.id, { reason: 'stolen' }, TERMINAL)
      for (const { response } of [first, second]) expect(await response.text()).toContain('{"reason":"blocked"}')
    })

    it('S-17 a session that has ended gets no stream again', async () => {
      const { session, client } = await openStream()
      await revokeSession(database.db, session.id, TERMINAL, null)
      const again = await client.fetch('/account/stream', { headers: { accept: 'text/event-stream' } })
      expect(again.status).toBe(401)
    })

    it('S-46 a session that opens too many streams is refused in words, and closing one makes room', async () => {
      const { client, response, account } = await openStream()
      const more: Response[] = [response]
      for (let i = 0; i < 11; i += 1) more.push(await client.fetch('/account/stream'))
      expect(more.every((stream) => stream.status === 200)).toBe(true)
      const refused = await client.fetch('/account/stream')
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
      const other = await openStream(account)
      expect(other.response.status).toBe(200)
      for (const stream of [...more, other.response]) await stream.body?.cancel()
    })

    it('S-07 an open stream does not keep a session from becoming idle', async () => {
      const account = await anAccount(database.db)
      const { client, session, response } = await openStream(account)
      await app.services.touches.flush()
      const before = await client.fetch('/account/sessions', { headers: { 'rollcall-background': '1' } })
      expect(before.status).toBe(200)
      await app.services.touches.flush()
      await revokeSession(database.db, session.id, TERMINAL, null)
      await response.text()
    })
  })

  it('S-46 there is a limit for all streams together', () => {
    const streams = createStreams()
    const leave = Array.from({ length: 2_000 }, (_, i) => streams.enter(`session ${i}` as never, () => {}))
    expect(streams.enter('one more' as never, () => {})).toBeUndefined()
    leave[0]?.()
    expect(streams.enter('one more' as never, () => {})).toBeDefined()
  })

  it('S-72 closing all of them closes each once', () => {
    const streams = createStreams()
    let closed = 0
    for (const name of ['a', 'b']) {
      const leave = streams.enter(name as never, () => {
        closed += 1
        leave?.()
      })
    }
    streams.closeAll()
    expect([closed, streams.open]).toEqual([2, 0])
  })
})
