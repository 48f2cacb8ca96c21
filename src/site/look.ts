import { Hono } from 'hono'
import { z } from 'zod'
import { anyone } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { DENSITIES, keepLook, OPTIONAL_COLUMNS } from '../http/look.js'
import { readForm } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'

const column = z.enum(OPTIONAL_COLUMNS)
const LookForm = z.strictObject({
  density: z.enum(DENSITIES).optional(),
  /** The form has the columns in it: those that are not ticked are not sent. */
  columns: z.literal('chosen').optional(),
  column: z.union([column, z.array(column)]).optional(),
  single_keys: z.enum(['on', 'off']).optional(),
  return_to: z.string().optional(),
})

/** How somebody likes their pages; on to the page that shows it so. Holds nothing but cookies of their browser. */
export const look = new Hono<AppEnv>()

look.post('/look', anyone(), async (c) => {
  const form = await readForm(c, LookForm)
  const shown = [form.column ?? []].flat()
  keepLook(c, {
    ...(form.density ? { density: form.density } : {}),
    ...(form.columns ? { hiddenColumns: OPTIONAL_COLUMNS.filter((one) => !shown.includes(one)) } : {}),
    ...(form.single_keys ? { singleKeys: form.single_keys === 'on' } : {}),
  })
  return c.redirect(safeReturnTo(form.return_to) ?? '/', 303)
})
