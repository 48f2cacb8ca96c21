import type { Receipt } from '../../src/sessions/receipts/summary.js'
import type { Session } from '../../src/sessions/types.js'
import { type Page, PageProvider } from '../components/page.js'
import { ToastPartial, type ToastProps } from '../components/Toast.js'
import { EndedRow } from './rowsAnswer.js'

interface SignedOutProps {
  page: Page
  session: Session
  toast: ToastProps
  receipt?: Receipt | undefined
}

/** To htmx, after a sign-out: the row as it now is, and what was done. */
export function SignedOutAnswer({ page, session, toast, receipt }: SignedOutProps) {
  return (
    <PageProvider page={page}>
      <EndedRow session={session} receipt={receipt} />
      <ToastPartial {...toast} />
    </PageProvider>
  )
}
