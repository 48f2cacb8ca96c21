import type { Machine } from './machine.js'
import { createRandom, type Random } from './random.js'
import type { Timeline } from './timeline.js'

export interface Answering<T> {
  (answer: T): void
  /** The other side says no, or is not there. */
  refuse(error: Error): void
}

/** Between machines, and between them and the database: late, lost, in another order, or not at all. */
export interface Network {
  /**
   * One question and its answer. What is lost is never answered: whoever asks has a limit of their own.
   *
   * @param to a machine, or the name of what has no clock of its own
   */
  ask<T>(from: Machine, to: Machine | string, handle: (answer: Answering<T>) => void): Promise<T>
  /** One way. */
  tell(from: Machine, to: Machine, arrive: () => void): void
  cut(a: string, b: string, ms: number): void
  slow(ms: number, upToMs: number): void
  /** From now on everything arrives, and soon. */
  heal(): void
}

export function createNetwork(timeline: Timeline, seed: number): Network {
  /** Each road has its own luck, so that a schedule with one step less still meets the same one. */
  const roads = new Map<string, Random>()
  const cutUntil = new Map<string, number>()
  let slowUntil = 0
  let slowestMs = 0
  let healed = false

  const road = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`)
  const isCut = (a: string, b: string) => (cutUntil.get(road(a, b)) ?? 0) > timeline.now

  function luckOf(from: string, to: string): Random {
    const name = `${from} ${to}`
    let random = roads.get(name)
    if (!random) {
      random = createRandom(
        [...name].reduce((mixed, letter) => Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193), seed),
      )
      roads.set(name, random)
    }
    return random
  }

  function delay(random: Random): number {
    if (!healed) {
      if (timeline.now < slowUntil && random.chance(0.5)) return random.between(0, slowestMs)
      const luck = random.next()
      if (luck < 0.01) return random.between(0, 6_000)
      if (luck < 0.06) return random.between(0, 900)
    }
    return random.between(0.2, 8)
  }

  const isLost = (random: Random) => !healed && random.chance(timeline.now < slowUntil ? 0.05 : 0.01)

  function carry(from: string, to: string, arrive: () => void) {
    const random = luckOf(from, to)
    if (isLost(random) || isCut(from, to)) return
    timeline.after(delay(random), () => {
      if (!isCut(from, to)) arrive()
    })
  }

  return {
    ask: (from, to, handle) =>
      new Promise((resolve, reject) => {
        const mailbox = from.mailbox()
        const there = typeof to === 'string' ? to : to.name
        const back = (act: () => void) => carry(there, from.name, () => mailbox(act))
        const answer = Object.assign((value: Parameters<typeof resolve>[0]) => back(() => resolve(value)), {
          refuse: (error: Error) => back(() => reject(error)),
        })
        carry(from.name, there, () => {
          if (typeof to === 'string') handle(answer)
          else if (to.isUp) to.mailbox()(() => handle(answer))
          else answer.refuse(new Error(`${there} is not there`))
        })
      }),
    tell: (from, to, arrive) => carry(from.name, to.name, () => to.mailbox()(arrive)),
    cut(a, b, ms) {
      cutUntil.set(road(a, b), timeline.now + ms)
    },
    slow(ms, upToMs) {
      slowUntil = timeline.now + ms
      slowestMs = upToMs
    },
    heal() {
      healed = true
      cutUntil.clear()
      slowUntil = 0
    },
  }
}
