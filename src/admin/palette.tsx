import { Hono } from 'hono'
import { z } from 'zod'
import { PaletteAnswer, PalettePage } from '../../templates/admin/palette.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { pageOf, pageWithoutDatabase } from '../http/page.js'
import { readQuery } from '../http/parse.js'
import { findForPalette } from './paletteFind.js'

const PaletteQuery = z.strictObject({ q: z.string().trim().max(200).default('') })

/** Finds whatever there is by one line: as a part for the palette, as a page where there is no script. */
export const paletteRoutes = new Hono<AppEnv>()

paletteRoutes.get('/', allow('viewer'), async (c) => {
  const { q } = readQuery(c, PaletteQuery, { anyWords: true })
  const results = await findForPalette(c.var.db, q, pageWithoutDatabase(c))
  if (c.req.header('hx-request')) return c.html(<PaletteAnswer q={q} results={results} />)
  return c.html(<PalettePage page={await pageOf(c)} q={q} results={results} />)
})
