import { connect, type Socket } from 'node:net'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { expect, it, onTestFinished } from 'vitest'
import { eachPostgres } from '../../support/database.js'

eachPostgres((database) => {
  it('S-74 a connection that breaks with a write pending rejects, ends no process, and the next one writes again', async () => {
    const sockets: Socket[] = []
    const { hostname, port } = new URL(database.url ?? '')
    const client = postgres(database.url ?? '', {
      max: 1,
      fetch_types: false,
      backoff: () => 0,
      // Of the driver's options that its types leave out.
      ...{
        socket: () =>
          new Promise((resolve) => {
            const socket = connect(Number(port), hostname, () => resolve(socket))
            sockets.push(socket)
          }),
      },
    })
    onTestFinished(() => client.end({ timeout: 0 }))
    const db = drizzle(client)
    for (let round = 0; round < 5; round++) {
      await db.execute(sql`select 1`)
      // Small writes are put off to the end of the turn; the socket is gone by then.
      sockets.at(-1)?.destroy()
      const asked = Promise.allSettled([db.execute(sql`select 1`), db.execute(sql`select 2`)])
      expect((await asked).map(({ status }) => status)).toContain('rejected')
    }
    expect([...(await db.execute(sql`select 3 as three`))]).toEqual([{ three: 3 }])
  })
})
