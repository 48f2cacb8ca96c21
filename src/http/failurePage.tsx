import { FailurePage } from '../../templates/site/failure.js'
import type { AppContext } from './env.js'
import type { PublicError } from './errors.js'
import { readTheme } from './page.js'

/**
 * The page that says what went wrong and what to do, of the site and of the panel. It asks the database nothing, which
 * may be what failed. A part of a page (htmx) is left as it is: the open page says it in its own toast.
 */
export function failurePage(c: AppContext, error: PublicError): Response | Promise<Response> {
  if (c.req.header('hx-request')) {
    return c.text(`${error.title}. ${error.detail}`, error.status, { 'HX-Reswap': 'none' })
  }
  const page = {
    path: c.req.path,
    nonce: c.var.nonce,
    now: new Date(),
    theme: readTheme(c),
    viewer: undefined,
    can: { revoke: false, block: false, own: false },
  }
  return c.html(<FailurePage page={page} error={error} requestId={c.var.requestId} />, error.status)
}
