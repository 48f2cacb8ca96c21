import { connect, type Socket } from 'node:net'
import postgres from 'postgres'
import { expect, it, onTestFinished } from 'vitest'
import { everyPostgres, type TestDatabase } from '../../support/database.js'

everyPostgres((database) => {
  it('S-74 a transaction whose connection broke rejects; it ends no process, and the next one is done', async () => {
    const { client, sockets } = connectTo(database)
    for (let round = 0; round < 3; round++) {
      const broken = client.begin(async (tx) => {
        await tx`select 1`
        const socket = sockets.at(-1)
        socket?.destroy()
        await new Promise((resolve) => socket?.once('close', resolve))
        await tx`select 2`
      })
      expect(await broken.catch(({ code }) => code)).toBe('CONNECTION_CLOSED')
    }
    // What is asked in the same moment may be refused with it.
    await expect.poll(() => client`select 3 as three`.then(([row]) => row?.['three'])).toBe(3)
  })

  it('S-74 an answer that broke off amid its rows leaves the next one whole', async () => {
    const { client, sockets } = connectTo(database)
    await client`select 1`
    let received = 0
    sockets.at(-1)?.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > 300_000) sockets.at(-1)?.destroy()
    })
    const cut = client`select repeat('x', 100000) as x from generate_series(1, 50)`
    expect(await cut.catch(({ code }) => code)).toBe('CONNECTION_CLOSED')
    // What is asked in the same moment may be refused with it: the first that is answered is what counts.
    let answer: unknown[] | undefined
    await expect.poll(() => client`select 2 as two`.then((rows) => (answer ??= [...rows]))).toBeDefined()
    expect(answer).toEqual([{ two: 2 }])
  })

  it('S-74 an answer that an error cut short leaves the next one whole', async () => {
    const { client } = connectTo(database)
    const cut = client`select 10 / (3 - g) as x from generate_series(1, 5) g`
    expect(await cut.catch(({ code }) => code)).toBe('22012')
    expect([...(await client`select 2 as two`)]).toEqual([{ two: 2 }])
  })

  it('S-74 what is asked anew, because its name is gone, is asked with what it was given', async () => {
    const { client } = connectTo(database)
    const asked = () => client`
      select ${true}::boolean as yes, ${Buffer.from('key')}::bytea as bytes, ${client.json({ a: 1 })}::jsonb as json,
        ${new Date(0)}::timestamptz as at, ${'text'}::text as text`
    const [given] = await asked()
    expect(given).toEqual({ yes: true, bytes: Buffer.from('key'), json: { a: 1 }, at: new Date(0), text: 'text' })
    await client.unsafe('deallocate all')
    expect([...(await asked())]).toEqual([given])
  })

  it('S-74 of a transaction whose connection broke nothing is done upon the one that comes after it', async () => {
    const { client, sockets } = connectTo(database)
    await client`create table if not exists halves (n int)`
    let goesOn: Promise<unknown> | undefined
    const broken = client.begin((tx) => {
      goesOn = (async () => {
        await tx`insert into halves values (1)`
        const socket = sockets.at(-1)
        socket?.destroy()
        await new Promise((resolve) => socket?.once('close', resolve))
        // Others ask meanwhile, and so the connection is there again.
        expect([...(await client`select 3 as three`)]).toEqual([{ three: 3 }])
        await tx`insert into halves values (2)`
      })()
      return goesOn
    })
    expect(await broken.catch(({ code }) => code)).toBe('CONNECTION_CLOSED')
    await expect(goesOn).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect([...(await client`select n from halves`)]).toEqual([])
  })

  it('S-74 a transaction whose connection was reset amid a statement leaves no connection behind that never answers', async () => {
    const { client, sockets } = connectTo(database)
    for (let round = 0; round < 3; round++) {
      const broken = client.begin(async (tx) => {
        await tx`select 1`
        const asleep = tx`select pg_sleep(60)`.execute()
        sockets.at(-1)?.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
        await asleep
      })
      expect(await broken.catch(({ code }) => code)).toMatch(/^(ECONNRESET|CONNECTION_CLOSED)$/)
    }
    await expect.poll(() => client`select 3 as three`.then(([row]) => row?.['three'])).toBe(3)
  })
})

/** By one connection at a time. */
function connectTo(database: TestDatabase) {
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
  return { client, sockets }
}
