import type { Session } from '../../src/sessions/types.js'
import { type Page, PageProvider } from '../components/page.js'
import { ToastPartial, type ToastProps } from '../components/Toast.js'
import { SessionRow } from './sessionRow.js'

/** To htmx, after a sign-out: the row as it now is, and what was done. */
export function SignedOutAnswer({ page, session, toast }: { page: Page; session: Session; toast: ToastProps }) {
  return (
    <PageProvider page={page}>
      <SessionRow session={session} leaving />
      <ToastPartial {...toast} />
    </PageProvider>
  )
}
