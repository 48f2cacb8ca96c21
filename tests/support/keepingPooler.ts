import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a client of PostgreSQL says before it goes. */
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4])

/** In front of a database as a pooler is: a connection to it stays open when the client that used it has gone. */
export async function aKeepingPooler(databaseUrl: string): Promise<{ url: string }> {
  const { hostname, port } = new URL(databaseUrl)
  const kept: Socket[] = []
  const server = createServer((client) => {
    const database = connect(Number(port), hostname)
    kept.push(database)
    client.on('data', (chunk) => {
      const isLast = chunk.subarray(-TERMINATE.length).equals(TERMINATE)
      database.write(isLast ? chunk.subarray(0, -TERMINATE.length) : chunk)
    })
    client.on('error', () => {})
    database.on('data', (chunk) => client.write(chunk)).on('error', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of kept) socket.destroy()
    server.close()
  })
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href }
}
