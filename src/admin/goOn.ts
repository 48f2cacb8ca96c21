import type { ReceiptWord } from '../../templates/components/receiptWords.js'
import type { ToastProps } from '../../templates/components/Toast.js'
import type { AppContext } from '../http/env.js'
import { setToast } from '../http/flash.js'
import { safeReturnTo } from '../http/returnTo.js'

/**
 * After a form: on to a page that says what was done, also from a dialog that htmx posted.
 *
 * @param word what the act did, for its receipt
 */
export function goOn(c: AppContext, path: string, toast?: ToastProps, word: ReceiptWord = 'refused'): Response {
  const { position } = c.var
  const act = position && { position, word }
  if (toast) setToast(c, { ...toast, title: toast.title.slice(0, 300), act })
  if (!c.req.header('hx-request')) return c.redirect(path, 303)
  c.header('HX-Redirect', path)
  return c.body(null, 204)
}

/**
 * Where somebody was when they opened the form: what it says itself, else the page under the dialog.
 *
 * @param otherwise where one goes on to from the form's own page
 */
export function cameFrom(c: AppContext, returnTo: string | undefined, otherwise: string): string {
  const said = safeReturnTo(returnTo)
  if (said) return said
  const current = c.req.header('hx-current-url')
  const page = current && URL.canParse(current) ? new URL(current) : undefined
  if (!page || page.pathname === c.req.path || !page.pathname.startsWith('/admin')) return otherwise
  return safeReturnTo(page.pathname + page.search) ?? otherwise
}
