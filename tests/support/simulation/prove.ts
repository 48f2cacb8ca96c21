import fc from 'fast-check'
import type { Modules } from './modules.js'
import type { Planted } from './planted.js'
import { type Schedule, schedule } from './schedule.js'
import { simulate } from './simulate.js'

export interface ProofOptions {
  modules: Modules
  planted?: Planted
  schedules: number
  seed: number
  /** Of one schedule alone, as a failure names it. */
  path?: string | undefined
  /** Whether a schedule that fails is made as small as it can be. */
  shrink?: boolean
}

export interface Proof {
  /** How many were played, the one that failed included. */
  played: number
  /** In words: what went wrong, in which schedule, and how to see it again. */
  failure: string | undefined
  /** The schedule that did. */
  found?: Schedule | undefined
}

const SHRINKING_MS = 60_000

/** Plays random schedules until one goes wrong. */
export async function prove({ modules, planted, schedules, seed, path, shrink = true }: ProofOptions): Promise<Proof> {
  const property = fc.asyncProperty(schedule, async (one) => {
    const violation = await simulate(one, modules, planted)
    if (violation !== undefined) throw new Error(violation)
  })
  const where = path === undefined ? {} : { path }
  const first = await fc.check(property, { numRuns: schedules, seed, endOnFailure: true, ...where })
  if (!first.failed || first.counterexamplePath === null) return { played: first.numRuns, failure: undefined }
  const smallest = shrink
    ? await fc.check(property, { seed, path: first.counterexamplePath, interruptAfterTimeLimit: SHRINKING_MS })
    : first
  const details = smallest.failed ? smallest : first
  const [found] = details.counterexample ?? []
  const violation = details.errorInstance instanceof Error ? details.errorInstance.message : 'interrupted'
  return {
    played: first.numRuns,
    found,
    failure: `${violation}\n${found ? described(found) : ''}\nAgain: ROLLCALL_PROOF=${seed}:${first.counterexamplePath} npm run test:proof -- engine`,
  }
}

function described({ seed, cacheSize, balanced, steps }: Schedule): string {
  let at = 600
  const lines = steps.map(({ after, command }) => {
    at += after
    const { do: what, ...how } = command
    return `  ${String(at).padStart(6)} ms  ${what} ${JSON.stringify(how)}`
  })
  return [`seed ${seed}, ${cacheSize} sessions in memory${balanced ? ', a load balancer' : ''}`, ...lines].join('\n')
}
