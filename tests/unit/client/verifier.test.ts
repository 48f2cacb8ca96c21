import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createVerifier, type RollcallFailure, type Verifier, type VerifierOptions } from '../../../src/client/index.js'
import { aNode, type FakeNode, KEY } from './fakeNode.js'

const ENDED = { status: 'denied', reason: 'ended' }
const UNAVAILABLE = { status: 'denied', reason: 'unavailable' }

function aVerifier(node: FakeNode, options: Partial<VerifierOptions> = {}) {
  const failures: RollcallFailure[] = []
  const verifier = createVerifier({
    url: node.url,
    key: KEY,
    leaseMs: 500,
    onFailure: (f) => failures.push(f),
    ...options,
  })
  onTestFinished(() => verifier.stop())
  return Object.assign(verifier, { failures })
}

const codes = ({ failures }: { failures: RollcallFailure[] }) => failures.map(({ code }) => code)

/** Whatever was remembered may have been forgotten meanwhile: then it is asked about. */
function letsIn(verifier: Verifier, token: string): boolean {
  const verdict = verifier.verifyCached(token)
  return verdict !== 'ask' && verdict.status === 'active'
}

describe('a verifier', () => {
  it('asks for each check until its first poll counts, and for the database itself', async () => {
    const node = await aNode()
    node.instead['/revocations'] = () => {}
    node.instead['/revocations/stream'] = () => {}
    const { token } = node.aSession()
    const verifier = aVerifier(node)
    for (let i = 0; i < 2; i++) {
      expect(verifier.verifyCached(token)).toBe('ask')
      expect(await verifier.verify(token)).toMatchObject({ status: 'active', account: { name: 'Ada' } })
    }
    expect(node.askedFor('/sessions/verify').map(({ body }) => body)).toEqual([
      { token, fresh: true, background: true },
      { token, fresh: true, background: true },
    ])
  })

  it('asks once, and from then on answers without a request', async () => {
    const node = await aNode()
    const { token, id } = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    expect(verifier.verifyCached(token)).toBe('ask')
    await verifier.verify(token, { ip: '203.0.113.7', userAgent: 'curl' })
    for (let i = 0; i < 10; i++)
      expect(verifier.verifyCached(token, { ip: '203.0.113.7' })).toMatchObject({ status: 'active', session: { id } })
    expect(node.askedFor('/sessions/verify').map(({ body }) => body)).toEqual([
      { token, position: node.position(), client: { ip: '203.0.113.7', userAgent: 'curl' }, background: true },
    ])
    expect(verifier.stats()).toMatchObject({ hits: 10, misses: 1, sessions: 1, streaming: true })
  })

  it('asks the database where the app says so, whatever is remembered', async () => {
    const node = await aNode()
    const { token } = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    await verifier.verify(token)
    expect(verifier.verifyCached(token, { fresh: true })).toBe('ask')
    await verifier.verify(token, { fresh: true })
    expect(node.askedFor('/sessions/verify').map(({ body }) => body.fresh)).toEqual([undefined, true])
  })

  it('refuses what was ended as soon as the stream tells', async () => {
    const node = await aNode()
    const session = node.aSession()
    const verifier = aVerifier(node, { leaseMs: 60_000 })
    await verifier.started
    await verifier.verify(session.token)
    await vi.waitFor(() => expect(verifier.stats().streaming).toBe(true), { interval: 1 })
    node.end(session)
    await vi.waitFor(() => expect(letsIn(verifier, session.token)).toBe(false), { interval: 1, timeout: 500 })
    expect(await verifier.verify(session.token)).toEqual(ENDED)
  })

  it('S-15 refuses what was ended within the bound where the stream says nothing', async () => {
    const node = await aNode()
    node.deaf = true
    const session = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    await verifier.verify(session.token)
    node.end(session)
    await vi.waitFor(() => expect(letsIn(verifier, session.token)).toBe(false), { interval: 1, timeout: 500 })
    expect(await verifier.verify(session.token)).toEqual(ENDED)
  })

  it('tells what it has applied as soon as it has, so that receipts are true and soon', async () => {
    const node = await aNode()
    const verifier = aVerifier(node, { leaseMs: 60_000, name: 'shop-1' })
    await verifier.started
    await vi.waitFor(() => expect(node.streams()).toBe(1), { interval: 1 })
    node.log({ kind: 'account', target: node.aSession().accountId })
    await vi.waitFor(() => expect(node.askedFor('/revocations').at(-1)?.query.get('after')).toBe(node.position()), {
      interval: 1,
      timeout: 500,
    })
    const told = Object.fromEntries(node.askedFor('/revocations').at(-1)?.query ?? [])
    expect(told).toMatchObject({ name: 'shop-1', leaseMs: '60000', onUnavailable: 'deny', hits: '0', misses: '0' })
    expect(
      new Set(node.asked.filter(({ method }) => method === 'GET').map(({ query }) => query.get('process'))).size,
    ).toBe(1)
  })

  it('comes back to a node that was away, and asks for what it has missed', async () => {
    const node = await aNode()
    const session = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    await verifier.verify(session.token)
    await node.stop()
    await vi.waitFor(async () => expect(await verifier.verify(session.token)).toEqual(UNAVAILABLE), { timeout: 2_000 })
    expect(codes(verifier)).toContain('no-answer')
    node.end(session)
    await node.start()
    await vi.waitFor(async () => expect(await verifier.verify(session.token)).toEqual(ENDED), { timeout: 5_000 })
    await vi.waitFor(() => expect(verifier.stats().streaming).toBe(true), { timeout: 5_000 })
  })

  it('S-16 denies what it can’t decide: no answer, a late one, an odd one', async () => {
    const node = await aNode()
    const known = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    await verifier.verify(known.token)
    for (const instead of [
      () => {},
      (response: ServerResponse) => response.writeHead(502).end('<h1>Bad gateway</h1>'),
      (response: ServerResponse) => response.writeHead(200).end('<h1>Welcome</h1>'),
      (response: ServerResponse) => response.writeHead(200).end('{"status":"active"}'),
      (response: ServerResponse) => response.destroy(),
    ]) {
      node.instead['/sessions/verify'] = instead
      expect(await verifier.verify(node.aSession().token)).toEqual(UNAVAILABLE)
      expect(await verifier.verify(known.token, { fresh: true })).toEqual(UNAVAILABLE)
      expect(await verifier.verify(known.token)).toMatchObject({ status: 'active' })
    }
    expect(codes(verifier)).toEqual(['no-answer', 'odd-answer'])
  })

  it('S-16 trusts nothing that it remembers once polls have no answer, an odd one, or an old one', async () => {
    for (const instead of [
      () => {},
      (response: ServerResponse) => response.writeHead(200).end('{"position":"x","age":0,"anew":false,"items":[]}'),
      (response: ServerResponse) =>
        response.writeHead(200).end('{"position":"7.1;100:100:","age":-5,"anew":false,"items":[]}'),
      (response: ServerResponse) =>
        response.writeHead(200).end('{"position":"7.1;100:100:","age":600,"anew":false,"items":[]}'),
    ]) {
      const node = await aNode()
      const { token } = node.aSession()
      const verifier = aVerifier(node)
      await verifier.started
      await verifier.verify(token)
      node.instead['/revocations'] = instead
      node.instead['/sessions/verify'] = () => {}
      await vi.waitFor(() => expect(verifier.verifyCached(token)).toBe('ask'), { interval: 5, timeout: 600 })
      expect(await verifier.verify(token)).toEqual(UNAVAILABLE)
    }
  })

  it('S-60 denies everything, in words, once its own key is refused, even where the app allows what is cached', async () => {
    const node = await aNode()
    const { token } = node.aSession()
    const verifier = aVerifier(node, { onUnavailable: 'allow-cached' })
    await verifier.started
    await verifier.verify(token)
    node.instead['*'] = (response) =>
      response.writeHead(401).end('{"title":"A valid API key is needed","detail":"It was revoked."}')
    node.cutStreams()
    await vi.waitFor(() => expect(verifier.verifyCached(token)).toEqual(UNAVAILABLE), { interval: 1, timeout: 500 })
    expect(await verifier.verify(token)).toEqual(UNAVAILABLE)
    expect(verifier.failures.map(({ message }) => message)).toEqual([
      `Rollcall at ${node.url} does not take this API key (401: It was revoked.). Every check is denied until it does.`,
    ])
    node.instead = {}
    await vi.waitFor(async () => expect(await verifier.verify(token)).toMatchObject({ status: 'active' }), {
      timeout: 2_000,
    })
  })

  it('answers from memory while nobody can tell only where the app chose it, and says that it did', async () => {
    const node = await aNode()
    const { token } = node.aSession()
    const verifier = aVerifier(node, { onUnavailable: 'allow-cached' })
    await verifier.started
    await verifier.verify(token)
    expect(node.askedFor('/revocations').at(-1)?.query.get('onUnavailable')).toBe('allow-cached')
    await node.stop()
    await vi.waitFor(() => expect(verifier.stats().leaseLeftMs).toBe(0), { timeout: 2_000 })
    expect(await verifier.verify(token)).toMatchObject({ status: 'active' })
    expect(await verifier.verify(token, { fresh: true })).toEqual(UNAVAILABLE)
    expect(await verifier.verify(node.aSession().token)).toEqual(UNAVAILABLE)
  })

  it('refuses an address in a network that is blocked, from memory, until that lifts itself', async () => {
    const node = await aNode()
    const { token } = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    await verifier.verify(token, { ip: '198.51.100.1' })
    node.networks = [{ network: '203.0.113.0/24', ask: false, endsInMs: 300 }]
    node.log({ kind: 'network', target: '203.0.113.0/24' })
    await vi.waitFor(() =>
      expect(verifier.verifyCached(token, { ip: '203.0.113.9' })).toEqual({
        status: 'denied',
        reason: 'network-blocked',
      }),
    )
    expect(verifier.verifyCached(token, { ip: '198.51.100.1' })).toMatchObject({ status: 'active' })
    await vi.waitFor(() =>
      expect(verifier.verifyCached(token, { ip: '203.0.113.9' })).toMatchObject({ status: 'active' }),
    )
  })

  it('takes an entry of a kind that it does not know for one that may concern everything', async () => {
    const node = await aNode()
    const { token } = node.aSession()
    const verifier = aVerifier(node)
    await verifier.started
    await verifier.verify(token)
    node.log({ kind: 'galaxy' as 'everything', target: '' })
    await vi.waitFor(() => expect(verifier.verifyCached(token)).toBe('ask'), { interval: 1, timeout: 500 })
  })

  it('S-57 follows no redirect: the key leaves for no other origin', async () => {
    const elsewhere: string[] = []
    const server = createServer((request, response) => {
      elsewhere.push(String(request.headers.authorization))
      response.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const node = await aNode()
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    node.instead['*'] = (response) => response.writeHead(307, { location }).end()
    const verifier = aVerifier(node)
    expect(await verifier.verify(node.aSession().token)).toEqual(UNAVAILABLE)
    expect(elsewhere).toEqual([])
  })

  it('goes on when what the app passed in throws', async () => {
    const node = await aNode()
    const session = node.aSession()
    const failures: string[] = []
    const verifier = aVerifier(node, {
      onFailure(failure) {
        failures.push(failure.code)
        throw new Error('from onFailure')
      },
    })
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await verifier.started
    verifier.onEnded(session.id, () => {
      throw new Error('from onEnded')
    })
    const heard = new Promise((resolve) => verifier.onEnded(session.id, resolve))
    node.end(session)
    expect(await heard).toBe('ended')
    expect(failures).toEqual(['callback-threw'])
    expect(warned).toHaveBeenCalledOnce()
    expect(await verifier.verify(node.aSession().token)).toMatchObject({ status: 'active' })
  })

  it('takes what is no token for one that is unknown, and asks nobody', async () => {
    const node = await aNode()
    const verifier = aVerifier(node)
    for (const token of [undefined, null, '', 'rcs_', 7 as unknown as string, node.aSession().id])
      expect(await verifier.verify(token, {})).toEqual({ status: 'denied', reason: 'unknown' })
    expect(node.askedFor('/sessions/verify')).toEqual([])
  })

  it('says in words which option is wrong', () => {
    const wrong = (options: Partial<VerifierOptions>) => () =>
      createVerifier({ url: 'http://localhost:1', key: KEY, ...options })
    expect(wrong({ key: undefined })).toThrow('key must be an API key such as rck_...')
    expect(wrong({ url: 'http://rollcall.internal' })).toThrow('url is plain http to another machine')
    expect(wrong({ url: 'ftp://rollcall' })).toThrow('url must be https')
    expect(wrong({ url: 'https://a:b@rollcall' })).toThrow('url must have no user, query or fragment')
    expect(wrong({ url: undefined })).toThrow('url must be an address such as https:')
    for (const leaseMs of [100, 60_001, 1_500.5, '2000' as unknown as number])
      expect(wrong({ leaseMs })).toThrow('leaseMs must be whole, from 500 to 60,000 ms')
    expect(wrong({ cacheSize: 0 })).toThrow('cacheSize must be')
    expect(wrong({ name: 'größer' })).toThrow('name must be')
    expect(wrong({ onUnavailable: 'allow' as 'deny' })).toThrow('onUnavailable must be')
  })
})
