import { afterAll, beforeAll } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../../src/db/connect.js'
import type { TestDatabase } from '../../support/database.js'

/** The same database by connections of its own, as a second process has it. */
export function onItsOwnPool(database: TestDatabase): TestDatabase {
  let pool: OpenDatabase | undefined
  beforeAll(async () => {
    pool = await openDatabase({ url: database.url, dataDir: '' })
  })
  afterAll(() => pool?.close())
  return Object.create(database, { open: { get: () => pool } })
}
