import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSender } from '../../../src/webhooks/send.js'
import { newSecret, signed } from '../../../src/webhooks/sign.js'
import { makeCertificate } from '../../support/certificate.js'

const folder = mkdtempSync(join(tmpdir(), 'rollcall-webhooks-'))
let server: Server
let port: number
let ca: string
const asked: (string | undefined)[] = []

beforeAll(async () => {
  makeCertificate(folder, ['hooks.example.com'])
  const [key, cert] = ['key', 'crt'].map((ending) => readFileSync(join(folder, `example.com.${ending}`), 'utf8'))
  ca = cert ?? ''
  server = createServer({ key: key ?? '', cert: ca }, (request, response) => {
    asked.push(request.headers.host)
    response.writeHead(204).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const send = async (name: string, trusted: { ca?: string }) => {
  const sender = createSender(trusted)
  const attempt = await sender.send(new URL(`https://${name}:${port}/x`), '127.0.0.1', { id: 'msg_1', body: '{}' }, [
    newSecret(),
  ])
  sender.close()
  return attempt
}

test('S-57 it goes to the address that was looked at, whatever the name says, and the certificate must be the name’s', async () => {
  expect(await send('hooks.example.com', { ca })).toMatchObject({ ok: true, status: 204, problem: null })
  expect(asked).toEqual([`hooks.example.com:${port}`])
  expect(await send('other.example.com', { ca })).toMatchObject({
    ok: false,
    problem: 'Its certificate is for another name',
  })
  expect(await send('hooks.example.com', {})).toMatchObject({
    ok: false,
    problem: 'Its certificate is not signed by an authority that this machine trusts',
  })
  expect(asked).toHaveLength(1)
})

test('an answer that is cut is none, also on a connection that was kept: the message is not sent again behind it', async () => {
  let asked = 0
  const cutting = createHttpServer((_, response) => {
    asked += 1
    if (asked === 1) return void response.end()
    response.writeHead(200, { 'content-length': 100 }).write('half', () => response.socket?.resetAndDestroy())
  })
  await once(cutting.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(`http://localhost:${(cutting.address() as AddressInfo).port}/x`)
  const sender = createSender()
  const attempt = () => sender.send(url, '127.0.0.1', { id: 'msg_1', body: '{}' }, [newSecret()])
  expect(await attempt()).toMatchObject({ ok: true })
  expect(await attempt()).toMatchObject({ ok: false, problem: 'The connection was cut' })
  expect(asked).toBe(2)
  sender.close()
  cutting.close()
})

test('a kept connection that the other side closed as it was used again is no failure: the message goes out on a new one', async () => {
  const asked: (number | undefined)[] = []
  const closing = createHttpServer((request, response) => {
    asked.push(request.socket.remotePort)
    if (asked.length === 2) request.socket.resetAndDestroy()
    else response.writeHead(204).end()
  })
  await once(closing.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(`http://localhost:${(closing.address() as AddressInfo).port}/x`)
  const sender = createSender()
  const attempt = () => sender.send(url, '127.0.0.1', { id: 'msg_1', body: '{}' }, [newSecret()])
  expect(await attempt()).toMatchObject({ ok: true })
  expect(await attempt()).toMatchObject({ ok: true, status: 204 })
  const [first, again, anew] = asked
  expect(asked).toHaveLength(3)
  expect(again).toBe(first)
  expect(anew).not.toBe(first)
  sender.close()
  closing.close()
})

test('it is signed as in the example of Standard Webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'
  expect(signed('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1_614_265_330_000), body, [secret])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a secret is 256 bits that nobody has had before, as Standard Webhooks spells them', () => {
  const secrets = [newSecret(), newSecret()]
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32)
  }
  expect(new Set(secrets).size).toBe(2)
})
