import { z } from 'zod'
import { MOST_UNSEEN_DAYS } from '../sessions/types.js'

const FIRST = new Date('1970-01-01T00:00:00Z')
const END = new Date('2200-01-01T00:00:00Z')

/** Beyond it the databases and JavaScript disagree on what a time is (S-56). */
export const inTimeRange = (time: Date): boolean => time >= FIRST && time < END
export const OUT_OF_TIME_RANGE = 'must lie between 1970 and 2200'

/** A time in the address of a page; without its seconds too, as people write it and our pictures link. */
export const instant = z
  .union(
    [z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })],
    'must be a time such as 2026-11-24T08:00:00Z',
  )
  .refine((text) => inTimeRange(new Date(text)), OUT_OF_TIME_RANGE)

const DAY_COUNT = `must be a whole number of days from 1 to ${MOST_UNSEEN_DAYS}`

/** A number of days in JSON. */
export const dayCount = z.int(DAY_COUNT).min(1, DAY_COUNT).max(MOST_UNSEEN_DAYS, DAY_COUNT)

/** The same in an address. */
export const dayCountText = z
  .string()
  .regex(/^\d{1,3}$/, DAY_COUNT)
  .transform(Number)
  .pipe(dayCount)
