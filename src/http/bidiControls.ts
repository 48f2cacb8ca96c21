import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './env.js'

/** They write what follows over from right to left, or push it into another order: embeddings, overrides, isolates. */
const CONTROL = /[\u202a-\u202e\u2066-\u2069]/
/** What a form sends back and what is copied stays as it is. */
const KEPT = /\s(?:value|data-copy)="[^"]*"|<textarea[^>]*>[^<]*/
const EITHER = new RegExp(`(${KEPT.source})|${CONTROL.source}`, 'g')

/**
 * A name with such a character would be read as another's, and so would what stands beside it: on pages each is shown as
 * a character that can't be. The marks of Hebrew and Arabic that only lean on their neighbours are left alone.
 */
export const showBidiControls = (page: string): string =>
  CONTROL.test(page) ? page.replace(EITHER, (_, kept?: string) => kept ?? '\ufffd') : page

/** For all pages and what they are brought, wherever the text comes from; files that are exported keep it. */
export const bidiControlsShown = createMiddleware<AppEnv>(async (c, next) => {
  await next()
  const { headers, status } = c.res
  if (!/^text\/(html|plain)/.test(headers.get('Content-Type') ?? '') || c.res.body === null) return
  c.res = new Response(showBidiControls(await c.res.text()), { status, headers })
})
