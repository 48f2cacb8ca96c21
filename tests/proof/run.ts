import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prove } from '../support/simulation/prove.js'
import { real } from '../support/simulation/real.js'

/**
 * The long run by hand: npm run proof -- --schedules 1000000 [--seed 1] [--processes 2]
 *
 * Ends with 1 and the smallest schedule found when one goes wrong.
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: '1' },
  },
})
const schedules = Number(values.schedules)
const seed = Number(values.seed)
const processes = Number(values.processes)

/** One seed each, so that a failure is quick to see again. */
const BATCH = 5_000

if (processes > 1) share()
else await run()

async function run() {
  const began = performance.now()
  for (let played = 0, batch = 0; played < schedules; batch++) {
    const proof = await prove({ modules: real, schedules: Math.min(BATCH, schedules - played), seed: seed + batch })
    played += proof.played
    if (proof.failure !== undefined) {
      console.error(`After ${played} schedules, ${proof.failure}`)
      process.exitCode = 1
      return
    }
    const seconds = (performance.now() - began) / 1_000
    console.log(`seed ${seed + batch}: ${played} schedules, no violation, ${Math.round(played / seconds)} a second`)
  }
}

/** Each with seeds of its own. */
function share() {
  const each = Math.ceil(schedules / processes)
  for (let i = 0; i < processes; i++) {
    const first = seed + i * Math.ceil(each / BATCH)
    fork(fileURLToPath(import.meta.url), [`--schedules=${each}`, `--seed=${first}`]).on('exit', (code) => {
      if (code !== 0) process.exitCode = 1
    })
  }
}
