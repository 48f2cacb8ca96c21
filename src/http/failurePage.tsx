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
  const Failed = inPanel ? PanelFailurePage : FailurePage
  return c.html(<Failed page={page} error={error} requestId={c.var.requestId} />, error.status)
}

/** The same on a host that a proxy protects. */
export function forwardFailure(c: AppContext, { title, detail, status }: PublicError): Response | Promise<Response> {
  return forwardPage(c, { title, text: detail, requestId: c.var.requestId }, status)
}
