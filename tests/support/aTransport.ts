import type { Answer, Loaded, Snapshot, Transport, Watched } from '../../src/follower/types.js'
import { factsOf, TOKENS } from './factsOf.js'

export const snapshot = (xmax: number, era = 'a.1'): Snapshot => ({ era, xmin: xmax, xmax, xip: [] })

export const answer = (xmax: number, other: Partial<Answer> = {}): Answer => ({
  snapshot: snapshot(xmax),
  entries: [],
  ageMs: 0,
  anew: false,
  ...other,
})

export const unplugged = (): Promise<never> => Promise.reject(new Error('unplugged'))

export interface TestTransport extends Transport {
  /** What was asked, in order. */
  readonly loads: { token: string; fresh: boolean; position: Snapshot | undefined }[]
  readonly asked: (readonly Watched[])[]
}

/** Answers at once, that everything is well and every token good, but for what a test puts in its place. */
export function aTransport(): TestTransport {
  let xmax = 100
  const loads: TestTransport['loads'] = []
  const asked: TestTransport['asked'] = []
  return {
    loads,
    asked,
    poll: async () => answer(++xmax, { networks: [], nowMs: 0 }),
    read: async () => answer(++xmax),
    async load(token, { fresh = false }, position): Promise<Loaded> {
      loads.push({ token, fresh, position })
      const n = TOKENS.findIndex(({ text, wrong }) => text === token || wrong === token)
      return n < 0
        ? { status: 'unknown', idIsFree: true }
        : { status: 'known', facts: factsOf(n), networkBlocked: false, ageMs: 0 }
    },
    async over(watched) {
      asked.push(watched)
      return []
    },
  }
}
