import { describe, expect, it } from 'vitest'
import { BUGS } from '../support/simulation/bugs.js'
import { type Bug, plant } from '../support/simulation/plant.js'
import type { Planted } from '../support/simulation/planted.js'
import { prove } from '../support/simulation/prove.js'
import { real } from '../support/simulation/real.js'
import { simulate } from '../support/simulation/simulate.js'

const around: Record<string, Planted> = {
  'ids in the place of the horizon': { idOrder: true },
  'a touch that revives': { touchRevives: true },
  'an app process that keeps the answer of a node behind it': { positionIgnored: true },
  'a load that does not say what was applied': { positionNotSent: true },
  'a database that was set back, unnoticed': { pastNotAsked: true, eraOfTimeline: true },
  'an era that is the same after a backup was restored': { eraOfTimeline: true },
  'a primary that was replaced, and is still asked': { unfencedPrimary: true },
  'a log that was removed up to beyond the position': { removalIgnored: true },
}

/** The rarest was found once in some 10,000. */
const MOST = 50_000

describe('the simulation finds', () => {
  for (const [name, bug] of Object.entries(BUGS)) {
    it(name, async () => expectFound(name, [bug], {}), 900_000)
  }
  for (const [name, planted] of Object.entries(around)) {
    it(name, async () => expectFound(name, [], planted), 900_000)
  }
})

async function expectFound(name: string, bugs: Bug[], planted: Planted) {
  const modules = await plant(name, bugs)
  const { played, failure, found } = await prove({ modules, planted, schedules: MOST, seed: 1, shrink: false })
  console.log(`  ${name}: ${failure ? `found after ${played}: ${failure.split('\n')[0]}` : `not found in ${played}`}`)
  expect(failure, `not found in ${played} schedules`).toBeDefined()
  expect(found && (await simulate(found, real)), 'the same schedule, with nothing planted').toBeUndefined()
}
