import { Agent, request } from 'node:http'
import { mainThreadCpuMs } from './child.js'
import type { NodeProcess } from './rollcall.js'

/** What requests took, ms. */
export interface Times {
  wall: number[]
  /** Of it, the processor time of the server's main thread: what others do on the machine does not count. */
  computed: number[]
}

export interface Question {
  method: 'GET' | 'DELETE' | 'POST' | 'PUT'
  path: string
  body?: string
  /** Asked once: an act has its effect the first time. */
  once?: boolean
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** Each twice, one at a time, over one kept connection; the second time counts. */
export async function askInTurn(
  { url, pid }: Pick<NodeProcess, 'url' | 'pid'>,
  headers: Record<string, string>,
  questions: Question[],
): Promise<Times> {
  const times: Times = { wall: [], computed: [] }
  for (const question of questions) {
    if (!question.once) await ask(url, headers, question)
    const [began, computed] = [performance.now(), mainThreadCpuMs(pid)]
    await ask(url, headers, question)
    times.wall.push(performance.now() - began)
    times.computed.push(mainThreadCpuMs(pid) - computed)
  }
  return times
}

function ask(origin: string, headers: Record<string, string>, { method, path, body }: Question): Promise<void> {
  return new Promise((resolve, reject) => {
    const json =
      body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const sent = request(`${origin}${path}`, { method, agent, headers: { ...headers, ...json } }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        if (text.length < 500) text += chunk.toString()
      })
      answer.on('end', () => {
        if ((answer.statusCode ?? 500) < 300) resolve()
        else reject(new Error(`${method} ${path} was answered with ${answer.statusCode}: ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** @param share 0.95 for the 95th percentile; 1 for the longest */
export function p95(times: number[], share = 0.95): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
