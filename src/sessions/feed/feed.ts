import type { Change } from '../../db/changes.js'

/** Fans the changes that one process hears of out to its open streams. */
export interface Feed {
  /** @returns what ends the subscription */
  subscribe(listener: (change: Change) => void): () => void
  publish(change: Change): void
  readonly listeners: number
}

export function createFeed(): Feed {
  const listeners = new Set<(change: Change) => void>()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    publish(change) {
      for (const listener of [...listeners]) listener(change)
    },
    get listeners() {
      return listeners.size
    },
  }
}
