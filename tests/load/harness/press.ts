import { Pressed, type Pressure } from '../pressure.js'
import { type Child, cpuMs, startChild } from './child.js'
import { median } from './rounds.js'

/** A server and the requests that it is measured with. */
export interface Endpoint {
  name: string
  server: Child
  port: number
  requests: string[]
  /** What a right answer holds. */
  holds: string
  /** Measured by a load that never sleeps: where nothing else needs its core. */
  awake?: boolean
}

export interface Throughput {
  perSecond: number
  /** CPU of the server's process, microseconds a request. */
  cpuUs: number
  p50Ms: number
  p99Ms: number
}

export interface Presser {
  press(wanted: Pressure): Promise<Pressed>
  /**
   * After a run-up that does not count.
   *
   * @param perSecond left out: as many as the server answers
   * @throws Error when an answer was not what it must be
   */
  measure(endpoint: Endpoint, seconds: number, perSecond?: number): Promise<Throughput>
  /** Each request is sent, most of them more than once: what is measured then is memory, and code that is compiled. */
  warmUp(endpoint: Endpoint): Promise<void>
}

export const CONNECTIONS = 64
const LONGEST_WARM_UP_SECONDS = 60
/** What was asked of a database first leaves garbage behind, which the collector carries along for seconds. */
const SETTLING_SECONDS = 6
/** Before each round: of what lay idle while the others had their turn V8 throws away the compiled code. */
const RUN_UP_SECONDS = 1

export function startPresser(): Presser {
  const child = startChild(new URL('../pressure.js', import.meta.url))
  const known = new Set<number>()
  const press = (wanted: Pressure) => child.ask(wanted, Pressed)

  async function run(
    { name, server, port, requests, holds, awake = false }: Endpoint,
    seconds: number,
    perSecond?: number,
  ): Promise<Throughput> {
    const sent = known.has(port) ? {} : { requests }
    known.add(port)
    const before = cpuMs(server.pid)
    const {
      answered,
      seconds: took,
      p50Ms,
      p99Ms,
      wrong,
      example,
    } = await press({
      port,
      ...sent,
      connections: CONNECTIONS,
      seconds,
      perSecond,
      awake,
      holds,
    })
    if (wrong > 0) throw new Error(`${name}: ${wrong} of ${answered} answers were wrong, such as\n${example}`)
    return {
      perSecond: answered / took,
      cpuUs: ((cpuMs(server.pid) - before) * 1_000) / Math.max(1, answered),
      p50Ms,
      p99Ms,
    }
  }

  return {
    press,
    async measure(endpoint, seconds, perSecond) {
      await run(endpoint, RUN_UP_SECONDS, perSecond)
      return run(endpoint, seconds, perSecond)
    },
    async warmUp(endpoint) {
      for (let sent = 0, slices = 0; sent < endpoint.requests.length; slices++) {
        if (slices === LONGEST_WARM_UP_SECONDS) throw new Error(`${endpoint.name} does not get warm`)
        sent += (await run(endpoint, 1)).perSecond
      }
      await run(endpoint, SETTLING_SECONDS)
    },
  }
}

/** How much of the other's rate, round by round: what slows the machine slows both. */
export function ratio(of: readonly Throughput[], to: readonly Throughput[]): number {
  return median(of.map(({ perSecond }, round) => perSecond / (to[round]?.perSecond ?? Number.NaN)))
}

/** One HTTP/1.1 request as it goes over the wire. */
export function request(method: string, path: string, headers: Record<string, string>, body?: string): string {
  const all = {
    Host: '127.0.0.1',
    ...headers,
    ...(body === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}
