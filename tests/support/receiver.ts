import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Received {
  id: string
  type: string
  timestamp: string
  data: Record<string, unknown>
  /** As they came. */
  headers: IncomingMessage['headers']
  body: string
}

export type Answer = (response: ServerResponse, received: Received, request: IncomingMessage) => void

export interface Receiver {
  url: string
  /** In the order in which they came. */
  received: Received[]
  types(): string[]
  /** How many it had to answer at the same moment, at most. */
  mostAtOnce(): number
  answer: Answer
  /** Whether the library of Standard Webhooks accepts it. */
  accepts(received: Received, secret: string): boolean
  close(): Promise<void>
}

/** Somebody's own server, on this machine. */
export async function aReceiver(answer: Answer = (response) => response.writeHead(204).end()): Promise<Receiver> {
  let now = 0
  let most = 0
  const server: Server = createServer(async (request, response) => {
    now += 1
    most = Math.max(most, now)
    response.on('close', () => {
      now -= 1
    })
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { headers } = request
    const received = { ...JSON.parse(body), id: String(headers['webhook-id']), headers, body } as Received
    receiver.received.push(received)
    receiver.answer(response, received, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received: [],
    types: () => receiver.received.map(({ type }) => type),
    mostAtOnce: () => most,
    answer,
    accepts: ({ body, headers }, secret) => {
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>)
        return true
      } catch {
        return false
      }
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return receiver
}
