import { PanelFailurePage } from '../../templates/admin/failure.js'
import { FailurePage } from '../../templates/site/failure.js'
import { ForwardPage } from '../../templates/site/forward.js'
import { atLeast } from '../accounts/types.js'
import type { AppContext } from './env.js'
import type { PublicError } from './errors.js'
import { pageWithoutDatabase } from './page.js'

/**
 * The page that says what went wrong and what to do, of the site and of the panel. It asks the database nothing, which
 * may be what failed. A part of a page (htmx) is left as it is: the open page says it in its own toast.
 */
export function failurePage(c: AppContext, error: PublicError): Response | Promise<Response> {
  if (c.req.header('hx-request')) {
    return c.text(`${error.title}. ${error.detail}`, error.status, { 'HX-Reswap': 'none' })
  }
  const current = c.get('current')
  const page = pageWithoutDatabase(c)
  const inPanel =
    current && atLeast(current.account.role, 'viewer') && c.req.path.startsWith('/admin') && error.status < 500
  const Failed = inPanel ? PanelFailurePage : FailurePage
  return c.html(<Failed page={page} error={error} requestId={c.var.requestId} />, error.status)
}

export const forwardFailure = (c: AppContext, { title, detail, status }: PublicError): Response | Promise<Response> =>
  c.html(<ForwardPage title={title} text={detail} />, status)
