import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

type Act = () => number | undefined | Promise<number>
type Gate = (act: Act, cost?: number) => () => void

/** The page's script as it is, in a page that hears one thing: how long it waits between two requests. */
function gateAt(paceMs: number): Gate {
  const body = new EventTarget()
  const page = { rollcall: {} as { gate: Gate } }
  const document = Object.assign(new EventTarget(), { body, hidden: false })
  const now = () => Date.now()
  const noJitter = Object.assign(Object.create(Math), { random: () => 0, max: Math.max })
  createContext(Object.assign(page, { document, performance: { now }, setTimeout, Math: noJitter }))
  runInContext(readFileSync('static/js/pace.js', 'utf8'), page)
  body.dispatchEvent(Object.assign(new Event('rollcall:changes'), { detail: { paceMs } }))
  return page.rollcall.gate
}

describe('the pace of an open page', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  async function timesOf(paceMs: number, made: number): Promise<number[]> {
    const times: number[] = []
    const start = Date.now()
    const ask = gateAt(paceMs)(async () => {
      times.push(Date.now() - start)
      return made
    })
    for (let ms = 0; ms < 40_000; ms += 100) {
      ask()
      await vi.advanceTimersByTimeAsync(100)
    }
    return times
  }

  it('is two seconds where there are few', async () => {
    expect((await timesOf(25, 1)).slice(0, 4)).toEqual([0, 2_000, 4_000, 6_000])
    expect((await timesOf(25, 2)).slice(0, 4)).toEqual([0, 2_000, 4_000, 6_000])
  })

  it('is what the node says where there are many, for each request: who made two waits twice as long', async () => {
    expect((await timesOf(5_000, 1)).slice(0, 4)).toEqual([0, 5_000, 10_000, 15_000])
    expect((await timesOf(5_000, 2)).slice(0, 4)).toEqual([0, 10_000, 20_000, 30_000])
  })
})
