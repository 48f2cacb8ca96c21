import type { Clock } from '../follower/types.js'
import { type FailureCode, RollcallFailure } from './failure.js'

/** What goes on failing is told again, but does not fill the log. */
const AGAIN_AFTER_MS = 10_000

export interface Failures {
  tell(error: unknown): void
  /** Runs what the app passed in: its errors are told, and end nothing of ours. */
  guard(act: () => void): void
}

export function createFailures(
  clock: Pick<Clock, 'monotonicMs'>,
  onFailure: (failure: RollcallFailure) => void = (failure) => console.warn(`Rollcall: ${failure.message}`),
): Failures {
  const toldAt = new Map<FailureCode, number>()

  function tell(error: unknown) {
    const failure = asFailure(error)
    const now = clock.monotonicMs()
    const before = toldAt.get(failure.code)
    if (before !== undefined && now - before < AGAIN_AFTER_MS) return
    toldAt.set(failure.code, now)
    try {
      onFailure(failure)
    } catch (thrown) {
      console.warn('Rollcall: onFailure has thrown.', thrown)
    }
  }

  return {
    tell,
    guard(act) {
      try {
        act()
      } catch (error) {
        tell(new RollcallFailure('callback-threw', `A callback has thrown: ${String(error)}`, error))
      }
    },
  }
}

function asFailure(error: unknown): RollcallFailure {
  if (error instanceof RollcallFailure) return error
  const words = error instanceof Error ? error.message : String(error)
  return new RollcallFailure('no-answer', `No answer from Rollcall: ${words}.`, error)
}
