import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP road to one of several servers, on which everything can go wrong that goes wrong on roads. */
export interface Road {
  port: number
  /** New connections lead there, to a random one that answers. */
  leadTo(...ports: number[]): void
  /** Resets every connection; new ones still get through. */
  reset(): void
  /** Nothing gets through, and nobody is told: half-open connections. New ones hang too. */
  swallow(): void
  /** What PostgreSQL notifies of does not arrive; all else does. */
  deafen(): void
  heal(): void
  close(): Promise<void>
}

interface Pair {
  near: Socket
  far: Socket | undefined
  listens: boolean
}

export async function openRoad(...ports: number[]): Promise<Road> {
  const pairs = new Set<Pair>()
  let targets = ports
  let state: 'healthy' | 'swallowing' | 'deaf' = 'healthy'

  const server: Server = createServer((near) => {
    const pair: Pair = { near, far: undefined, listens: false }
    pairs.add(pair)
    near.on('error', () => near.destroy())
    near.on('close', () => {
      pair.far?.destroy()
      pairs.delete(pair)
    })
    join(pair, shuffled(targets))
  })

  function join(pair: Pair, [port, ...others]: number[]) {
    const { near } = pair
    if (port === undefined) return near.destroy()
    const far = connect(port, '127.0.0.1')
    let joined = false
    far.on('connect', () => {
      joined = true
      pair.far = far
      near.on('data', (chunk: Buffer) => {
        if (chunk.includes('listen "rollcall_')) pair.listens = true
        if (state !== 'swallowing') far.write(chunk)
      })
      far.on('data', (chunk: Buffer) => {
        if (state === 'swallowing' || (state === 'deaf' && pair.listens)) return
        near.write(chunk)
      })
    })
    far.on('error', () => {
      if (!joined) join(pair, others)
      else near.destroy()
    })
    far.on('close', () => joined && near.destroy())
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const reset = () => {
    for (const { near, far } of pairs) {
      near.resetAndDestroy()
      far?.resetAndDestroy()
    }
  }
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    leadTo(...ports) {
      targets = ports
    },
    reset,
    swallow() {
      state = 'swallowing'
    },
    deafen() {
      state = 'deaf'
    },
    heal() {
      // What was swallowed is missing from the middle of each conversation: none of them can go on.
      if (state === 'swallowing') reset()
      state = 'healthy'
    },
    close: () =>
      new Promise((resolve) => {
        for (const { near, far } of pairs) {
          near.destroy()
          far?.destroy()
        }
        server.close(() => resolve())
      }),
  }
}

const shuffled = (ports: number[]): number[] =>
  ports
    .map((port) => ({ port, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ port }) => port)
