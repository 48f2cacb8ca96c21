import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { asMuchAsComes } from '../../src/db/asMuchAsComes.js'
import type { Database } from '../../src/db/connect.js'
import { newestPostgres } from '../support/database.js'

describe('asMuchAsComes', () => {
  newestPostgres((database) => {
    const counting = (seconds: Record<number, number>, atLeast = true) => {
      const asked: number[] = []
      const ask = async (db: Database, most: number) => {
        asked.push(most)
        await db.execute(sql`select pg_sleep(${seconds[most] ?? 0})`)
        return { most, atLeast }
      }
      return { asked, answer: asMuchAsComes(database.db, { few: 5, many: 1_000 }, ask) }
    }

    it('counts among many where that comes soon', async () => {
      expect(await counting({}).answer).toEqual({ most: 1_000, atLeast: true })
    })

    it('is content with the few that are there', async () => {
      const { asked, answer } = counting({}, false)
      expect(await answer).toEqual({ most: 5, atLeast: false })
      expect(asked).toEqual([5])
    })

    it('answers with the few, and that there are more, where the many take too long', async () => {
      expect(await counting({ 1000: 10 }).answer).toEqual({ most: 5, atLeast: true })
    })

    it('hides no other failure', async () => {
      const failing = asMuchAsComes(database.db, { few: 5, many: 9 }, async (db, most) => {
        if (most === 9) await db.execute(sql`select 1 / 0`)
        return { atLeast: true }
      })
      await expect(failing).rejects.toThrow('Failed query')
    })
  })
})
