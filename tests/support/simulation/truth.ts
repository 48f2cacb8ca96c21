import type { Database } from './database.js'
import { isRefused, type SessionRow, type State, whyOver } from './world.js'

/** The one global truth: what was good when, whoever knew of it. */
export interface Truth {
  /** A use that somebody has accepted, whether it is written yet or not. */
  noteUse(sessionId: string, at: number): void
  /**
   * No act that ends it is older than that: it was live at one moment at least, and at one its network was not refused. Not
   * at the same one: what an act lifts may be known while another that came just before is not.
   *
   * @param ip where the request comes from; null: from where it was last used
   */
  wasEverGood(sessionId: string, ip: string | null, from: number, to: number): boolean
  /** Good at every moment, by what is written. */
  wasAlwaysGood(sessionId: string, ip: string | null, from: number, to: number): boolean
  /** Over since then without a break, by what the log tells and not by time. */
  isOverByLogSince(sessionId: string, ip: string | null, from: number): boolean
}

export function createTruth({ history }: Pick<Database, 'history'>, now: () => number): Truth {
  const uses = new Map<string, number[]>()

  /** The committed states of a span of time, newest first, with the part of it in which each was in force. */
  function* during(from: number, to: number): Generator<{ state: State; from: number; to: number }> {
    for (let i = history.length - 1; i >= 0; i--) {
      const version = history[i] as (typeof history)[number]
      const end = history[i + 1]?.from ?? Number.POSITIVE_INFINITY
      if (end < from) return
      if (version.from <= to) yield { state: version.state, from: Math.max(from, version.from), to: Math.min(to, end) }
    }
  }

  function isGood(state: State, row: SessionRow, ip: string | null, at: number): boolean {
    return !whyOver(state, row, at) && !isRefused(state, ip ?? row.lastIp, at)
  }

  function lastUse(row: SessionRow, upTo: number): number {
    return (uses.get(row.id) ?? []).reduce((last, at) => (at <= upTo ? Math.max(last, at) : last), row.lastSeenAt)
  }

  return {
    noteUse(sessionId, at) {
      const known = uses.get(sessionId)
      if (known) known.push(at)
      else uses.set(sessionId, [at])
    },
    wasEverGood(sessionId, ip, from, to) {
      let [wasLive, wasAllowed] = [false, false]
      let row: SessionRow | undefined
      for (const version of during(from, to)) {
        const born = version.state.sessions.get(sessionId)
        // A network that was refused before its birth is heard of no sooner for it.
        row = born ?? row
        if (!row) continue
        // Within one state time ends sessions and lifts blocks.
        if (born && !wasLive) {
          const used = { ...row, lastSeenAt: lastUse(row, version.to) }
          wasLive = !whyOver(version.state, used, version.from)
        }
        wasAllowed ||= !isRefused(version.state, ip ?? row.lastIp, version.to)
        if (wasLive && wasAllowed) return true
      }
      return false
    },
    wasAlwaysGood(sessionId, ip, from, to) {
      for (const version of during(from, to)) {
        const row = version.state.sessions.get(sessionId)
        if (!row || !isGood(version.state, row, ip, version.from) || !isGood(version.state, row, ip, version.to))
          return false
      }
      return true
    },
    isOverByLogSince(sessionId, ip, from) {
      for (const { state } of during(from, now())) {
        const row = state.sessions.get(sessionId)
        if (!row) continue
        const timeless = { ...row, lastSeenAt: now(), createdAt: now() }
        const over = whyOver(state, timeless, now())
        const refused = state.networks.some(({ until }) => until === null) && isRefused(state, ip ?? row.lastIp, now())
        if (!over && !refused) return false
      }
      return true
    },
  }
}
