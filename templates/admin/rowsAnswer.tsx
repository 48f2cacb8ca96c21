import type { Receipt } from '../../src/sessions/receipts/summary.js'
import type { Session } from '../../src/sessions/types.js'
import { type Page, PageProvider } from '../components/page.js'
import { SessionRow, type SessionRowProps } from './sessionRow.js'

interface RowsProps {
  page: Page
  /** On the screen, and over. */
  ended: Session[]
  /** Newest first; they go at the list's head. */
  fresh: Session[]
  receipts: ReadonlyMap<string, Receipt>
}

/** To an open list, so that nothing but these rows changes. */
export function RowsAnswer({ page, ended, fresh, receipts }: RowsProps) {
  return (
    <PageProvider page={page}>
      {ended.map((session) => (
        <EndedRow session={session} receipt={session.end?.position ? receipts.get(session.end.position) : undefined} />
      ))}
      {fresh.length > 0 && (
        <hx-partial hx-target=".sessions-table tbody" hx-swap="afterbegin">
          {fresh.map((session) => (
            <SessionRow session={session} />
          ))}
        </hx-partial>
      )}
    </PageProvider>
  )
}

/** In place of the session's row, where the page shows one. */
export function EndedRow({ session, receipt }: Pick<SessionRowProps, 'session' | 'receipt'>) {
  return (
    <hx-partial hx-target={`#s-${session.id}`} hx-swap="outerMorph">
      <SessionRow session={session} leaving receipt={receipt} />
    </hx-partial>
  )
}
