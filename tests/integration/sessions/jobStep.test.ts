import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { jobStep } from '../../../src/sessions/many/jobStep.js'
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
