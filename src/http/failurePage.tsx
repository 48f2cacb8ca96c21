import { PanelFailurePage } from '../../templates/admin/failure.js'
import { FailurePage } from '../../templates/site/failure.js'
import { atLeast } from '../accounts/types.js'
import type { AppContext } from './env.js'
import type { PublicError } from './errors.js'
import { forwardPage } from './forwardPage.js'
import { pageWithoutDatabase } from './page.js'

/**
 * The page that says what went wrong and what to do, of the site and of the panel. It asks the database nothing, which
 * may be what failed. A part of a page (htmx) is left as it is, and so is the address: the open page says it in its own
 * toast.
 */
export function failurePage(c: AppContext, error: PublicError): Response | Promise<Response> {
  if (c.req.header('hx-request')) {
    const headers = { 'HX-Reswap': 'none', 'HX-Push-Url': 'false' }
    return c.text(`${error.title}. ${error.detail}`, error.status, headers)
  }
  const current = c.get('current')
  const page = pageWithoutDatabase(c)
  const inPanel =
    current && atLeast(current.account.role, 'viewer') && c.req.path.startsWith('/admin') && error.status < 500
  const shown = { page, error, requestId: c.var.requestId }
  if (inPanel) return c.html(<PanelFailurePage {...shown} />, error.status)
  // What was asked for comes by itself when the database is back; what was sent is not sent twice.
  const again = error.code === 'unavailable' && c.req.method === 'GET' ? page.path : undefined
  if (again) c.header('Refresh', String(error.more.retryAfterSeconds))
  return c.html(<FailurePage {...shown} again={again} />, error.status)
}

/** The same on a host that a proxy protects. */
export function forwardFailure(c: AppContext, { title, detail, status }: PublicError): Response | Promise<Response> {
  return forwardPage(c, { title, text: detail, requestId: c.var.requestId }, status)
}
