import type { Server } from './database.js'
import { type State, whyOver } from './world.js'

/** An act whose receipt was complete: from then on nobody may accept what it ended. */
interface Green {
  at: number
  ended: ReadonlySet<string>
  /** One that was set back since may not know of it any more. */
  server: Server
}

/** Receipts that have said "refused everywhere". */
export interface Greens {
  add(green: Green): void
  /** @param asked when the check began @returns when the receipt of what had ended the session was green */
  before(sessionId: string, asked: number, primary: Server): number | undefined
}

export function createGreens(): Greens {
  const greens: Green[] = []
  return {
    add: (green) => void greens.push(green),
    before: (sessionId, asked, primary) =>
      greens.find(({ at, ended, server }) => at < asked && server === primary && ended.has(sessionId))?.at,
  }
}

/** For good: by what the log tells, and not by time or by a block, which may be lifted. */
export function endedBetween(before: State, after: State, now: number): Set<string> {
  const ended = new Set<string>()
  for (const row of after.sessions.values()) {
    const isOver = (state: State) =>
      whyOver(
        { ...state, accounts: unblocked(state) },
        { ...row, ended: state.sessions.get(row.id)?.ended, createdAt: now, lastSeenAt: now },
        now,
      ) === 'ended'
    if (isOver(after) && !isOver(before)) ended.add(row.id)
  }
  return ended
}

const unblocked = ({ accounts }: State): State['accounts'] =>
  new Map([...accounts].map(([id, account]) => [id, { ...account, blocked: false }]))
