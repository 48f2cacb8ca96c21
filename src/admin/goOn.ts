import type { ToastProps } from '../../templates/components/Toast.js'
import type { AppContext } from '../http/env.js'
import { setToast } from '../http/flash.js'

/** After a form: on to a page that says what was done, also from a dialog that htmx posted. */
export function goOn(c: AppContext, path: string, toast?: ToastProps): Response {
  if (toast) setToast(c, { ...toast, title: toast.title.slice(0, 300) })
  if (!c.req.header('hx-request')) return c.redirect(path, 303)
  c.header('HX-Redirect', path)
  return c.body(null, 204)
}
