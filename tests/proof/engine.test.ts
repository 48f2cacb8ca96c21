import { expect, it } from 'vitest'
import { prove } from '../support/simulation/prove.js'
import { real } from '../support/simulation/real.js'

/** `ROLLCALL_PROOF=seed:path` plays one schedule again, as a failure named it; `ROLLCALL_PROOF=seed` others than those of every run. */
const [seed = '1', path] = (process.env.ROLLCALL_PROOF ?? '1').split(':')

it('S-15 nothing is accepted after commit + bound, and nothing good refused beyond it, over 10,000 random schedules', async () => {
  const { failure } = await prove({
    modules: real,
    schedules: 10_000,
    seed: Number(seed),
    path,
  })
  expect(failure ?? 'no violation').toBe('no violation')
}, 900_000)
