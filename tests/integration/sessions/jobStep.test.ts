import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { inSteps, jobStep } from '../../../src/sessions/many/jobStep.js'
import { eachDatabase } from '../../support/database.js'

describe('jobStep', () => {
  eachDatabase((database) => {
    it('lets what came in meanwhile have its turn before each step', async () => {
      for (let step = 0; step < 5; step++) {
        let turned = false
        setImmediate(() => {
          turned = true
        })
        await jobStep(database.db, async (tx) => {
          expect(turned, `before step ${step}`).toBe(true)
          await tx.execute(sql`select 1`)
        })
      }
    })
  })
})

describe('inSteps', () => {
  const all = Array.from({ length: 5_000 }, (_, n) => n)

  eachDatabase((database) => {
    /** @param msARow how long a step takes by the clock, which each step moves on */
    async function sizes(msARow: number, stopping?: AbortSignal, after?: () => void) {
      let now = 0
      const took = await inSteps(
        database.db,
        all,
        async (_tx, some) => {
          now += some.length * msARow
          after?.()
          return some
        },
        { clock: () => now, stopping },
      )
      expect(took.flat()).toEqual(all.slice(0, took.flat().length))
      return took.map(({ length }) => length)
    }

    it('takes on more as long as it goes fast, and a thousand at most', async () => {
      expect(await sizes(0.01)).toEqual([200, 400, 800, 1_000, 1_000, 1_000, 600])
    })

    it('takes on less where rows come slowly, so that none is held for long', async () => {
      const slow = await sizes(2.5)
      expect(slow.slice(0, 3)).toEqual([200, 100, 100])
      expect(slow.reduce((sum, n) => sum + n)).toBe(5_000)
      expect((await sizes(50))[1]).toBe(50)
    })

    it('stops after the step at hand', async () => {
      const stop = new AbortController()
      expect(await sizes(0.01, stop.signal, () => stop.abort())).toEqual([200])
    })
  })
})
