import { Hono } from 'hono'
import { z } from 'zod'
import { anyone } from '../http/authorise.js'
import { isSecure } from '../http/cookies.js'
import type { AppEnv } from '../http/env.js'
import { readForm } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'

/** Light or dark, where there is no script to do it in the page (`static/js/theme.js` writes the same cookie). */
export const theme = new Hono<AppEnv>()

const ThemeForm = z.strictObject({ theme: z.enum(['light', 'dark']), return_to: z.string().optional() })

theme.post('/theme', anyone(), async (c) => {
  const { theme, return_to } = await readForm(c, ThemeForm)
  const secure = isSecure(c) ? '; Secure' : ''
  c.header('Set-Cookie', `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`, { append: true })
  return c.redirect(safeReturnTo(return_to) ?? '/', 303)
})
