import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { answerParent } from './harness/child.js'
import { APP, startEngine } from './harness/ours.js'

/**
 * A process that remembers a million sessions of a million accounts, and what that takes. Run with `--expose-gc`, so
 * that what was thrown away is not counted.
 */
export const Question = z.object({ sessions: z.int(), seconds: z.number(), perSecond: z.int() })

answerParent(Question, async ({ sessions, seconds, perSecond }) => {
  const engine = await startEngine({ cacheSize: sessions })
  // What the first few load (code, buffers) is not what a session takes.
  await remember(0, 1_000)
  const before = await settled()
  const began = performance.now()
  await remember(1_000, sessions)
  const filledIn = performance.now() - began
  const after = await settled()
  const { sessions: remembered, accounts } = engine.stats()
  const churn = await comeAndGo()
  engine.stop()
  return {
    remembered,
    accounts,
    filledInMs: filledIn,
    rssBytes: after.rss - before.rss,
    heapBytes: after.heapUsed - before.heapUsed,
    outsideBytes: after.external - before.external,
    ...churn,
  }

  async function remember(from: number, to: number) {
    for (let n = from; n < to; n++) {
      await check(n)
      if (n % 500 === 0) await nextTurn()
    }
  }

  async function check(n: number) {
    const verdict = await engine.verify(engine.token(n), { appId: APP, use: true })
    if (verdict.status !== 'active') throw new Error(`a session is ${verdict.reason}`)
  }

  /** Each second some come, in the place of those asked for longest ago, some are ended, and 2,000 others are checked. */
  async function comeAndGo() {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    const collections: number[] = []
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) collections.push(duration)
    })
    observer.observe({ entryTypes: ['gc'] })
    let longest = { ms: 0, cpuMs: 0 }
    const own = watchOwnPauses()
    let next = sessions
    let ended = 1_000
    const tick = 10
    const each = (perSecond * tick) / 1_000
    delay.enable()
    const started = performance.now()
    for (let turn = 1; turn * tick <= seconds * 1_000; turn++) {
      const from = performance.now()
      const cpu = process.cpuUsage()
      for (let i = 0; i < each; i++) {
        await check(next++)
        engine.end(ended++)
        for (let more = 0; more < 2; more++) await check(next - 1 - Math.floor(Math.random() * 100_000))
      }
      const ms = performance.now() - from
      const { user, system } = process.cpuUsage(cpu)
      if (ms > longest.ms) longest = { ms, cpuMs: (user + system) / 1_000 }
      await pause(Math.max(0, started + turn * tick - performance.now()))
    }
    delay.disable()
    const longestOwnPauseMs = own.stop()
    observer.disconnect()
    return {
      came: next - sessions,
      ended: ended - 1_000,
      longestPauseMs: delay.max / 1e6 - 1,
      p99PauseMs: Math.max(0, delay.percentile(99) / 1e6 - 1),
      longestOwnPauseMs,
      longestTurnMs: longest.ms,
      longestTurnCpuMs: longest.cpuMs,
      longestCollectionMs: Math.max(0, ...collections),
      collections: collections.length,
      churnedSeconds: (performance.now() - started) / 1_000,
    }
  }
})

/**
 * Pauses of the event loop as far as this process, all its threads together, was computing in them: in the rest the machine
 * gave the core to somebody else.
 */
function watchOwnPauses(): { stop: () => number } {
  let [longest, last, cpu] = [0, performance.now(), process.cpuUsage()]
  const timer = setInterval(() => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    longest = Math.max(longest, Math.min(now - last - 1, (user + system) / 1_000))
    last = now
    cpu = process.cpuUsage()
  }, 1)
  return {
    stop() {
      clearInterval(timer)
      return longest
    },
  }
}

async function settled() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await pause(100)
  }
  return process.memoryUsage()
}
