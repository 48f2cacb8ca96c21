import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { answerParent } from './harness/child.js'
import { openLine } from './harness/line.js'
import { quantile } from './harness/rounds.js'

/**
 * The load generator: a process that sends prepared requests over kept connections, one at a time on each, and reads
 * no more of the answers than their status and length. So one core is enough to keep another one busy.
 */
export const Pressure = z.object({
  port: z.int(),
  /** Whole requests, as they go over the wire; sent in turn. Left out: those of the time before. */
  requests: z.array(z.string()).optional(),
  connections: z.int(),
  seconds: z.number(),
  /** Left out: as many as the server answers. */
  perSecond: z.number().optional(),
  /**
   * Never sleeps. Else a server that is faster than this process pays for waking it up with nearly each answer, which costs
   * a good deal of what an answer costs, and a slower one does not.
   */
  awake: z.boolean().default(false),
  /** What each answer must hold, or it counts as wrong. */
  holds: z.string(),
})
export type Pressure = z.input<typeof Pressure>

export const Pressed = z.object({
  answered: z.int(),
  seconds: z.number(),
  /** From when the request was due, so that what a slow answer kept waiting counts too. */
  p50Ms: z.number(),
  p99Ms: z.number(),
  wrong: z.int(),
  /** One of the wrong ones. */
  example: z.string().optional(),
})
export type Pressed = z.infer<typeof Pressed>

/** By port; each time goes on where the one before was. */
const prepared = new Map<number, { requests: Buffer[]; at: number }>()

answerParent(Pressure, async (wanted) => {
  if (wanted.requests) {
    prepared.set(wanted.port, { requests: wanted.requests.map((text) => Buffer.from(text)), at: 0 })
  }
  const ready = prepared.get(wanted.port)
  if (!ready) throw new Error(`no requests for port ${wanted.port}`)
  return press(wanted, () => ready.requests[ready.at++ % ready.requests.length] ?? Buffer.alloc(0))
})

async function press(wanted: z.output<typeof Pressure>, next: () => Buffer): Promise<Pressed> {
  const { port, connections, seconds, perSecond, awake, holds } = wanted
  const latencies: number[] = []
  const idle: ((due: number) => void)[] = []
  let example: string | undefined
  let [wrong, over] = [0, false]
  const waiting: number[] = []

  const onAnswer = (send: (due: number) => void, due: number, text: string) => {
    latencies.push(performance.now() - due)
    if (!text.startsWith('HTTP/1.1 200') || !text.includes(holds)) {
      wrong += 1
      example ??= text
    }
    if (over) return
    if (!perSecond) return send(performance.now())
    const next = waiting.shift()
    if (next === undefined) idle.push(send)
    else send(next)
  }
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(port, next, onAnswer)))

  const began = performance.now()
  if (perSecond) {
    idle.push(...lines.map(({ send }) => send))
    for (let due = 0; performance.now() - began < seconds * 1_000; ) {
      for (const now = performance.now() - began; due <= now; due += 1_000 / perSecond) {
        const send = idle.shift()
        if (send) send(began + due)
        else waiting.push(began + due)
      }
      await pause(1)
    }
  } else {
    for (const { send } of lines) send(performance.now())
    if (awake) while (performance.now() - began < seconds * 1_000) await nextTurn()
    else await pause(seconds * 1_000)
  }
  over = true
  const took = (performance.now() - began) / 1_000
  const answered = latencies.length
  for (const { close } of lines) close()
  // Where nothing was answered, everybody waited all the time.
  const waited = (share: number) => (answered > 0 ? quantile(latencies, share) : took * 1_000)
  return { answered, seconds: took, p50Ms: waited(0.5), p99Ms: waited(0.99), wrong, example }
}
