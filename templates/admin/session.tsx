import type { AuditEvent } from '../../src/audit/types.js'
import type { SessionDetail } from '../../src/sessions/types.js'
import { Icon } from '../components/Icon.js'
import { hx, type Page, usePage } from '../components/page.js'
import type { ReceiptProps } from '../components/Receipt.js'
import { Layout } from '../layout.js'
import { DeviceSection, NetworkSection, RawSection } from './sessionFacts.js'
import { EndNotice, SheetActions, SheetHead } from './sessionHead.js'
import { OthersSection } from './sessionOthers.js'
import { TimelineSection } from './sessionTimeline.js'

export interface SessionProps {
  page: Page
  session: SessionDetail
  /** The audit events about this session, newest first. */
  events: AuditEvent[]
  /** Of the act that ended it, where one did. */
  receipt?: ReceiptProps | undefined
}

/** A session on a page of its own. The list shows its `#session` in the drawer. */
export function SessionPage({ page, session, events, receipt }: SessionProps) {
  return (
    <Layout
      page={page}
      nav="sessions"
      title={`Session of ${session.account.name}`}
      help="session"
      heading={
        <>
          <nav class="crumbs" aria-label="Where you are">
            <a href="/admin/sessions">Sessions</a>
            <Icon name="chevron-right" />
            <span aria-current="page" class="clip" dir="auto">
              {session.account.name}
            </span>
          </nav>
          <p class="page-title">Session</p>
        </>
      }
    >
      <div class="session-page">
        <SessionSheet session={session} events={events} receipt={receipt} />
      </div>
    </Layout>
  )
}

function SessionSheet({ session, events, receipt }: Omit<SessionProps, 'page'>) {
  const { viewer } = usePage()
  const yours = viewer?.sessionId === session.id
  return (
    <article
      class="session-sheet"
      id="session"
      data-session={session.id}
      data-account={session.account.id}
      aria-labelledby="session-title"
      {...hx({
        get: `/admin/sessions/${session.id}`,
        trigger: 'rollcall:sessions from:body, rollcall:session from:body',
        select: '#session',
        swap: 'outerMorph',
        headers: '{"Rollcall-Background":"1"}',
        'status:4xx': 'swap:none',
        'status:5xx': 'swap:none',
      })}
    >
      <header>
        <SheetHead session={session} yours={yours} />
        {session.end && <EndNotice end={session.end} app={session.app} receipt={receipt} />}
        {!session.end && !yours && <SheetActions session={session} />}
      </header>
      <div class="sheet-sections">
        <DeviceSection session={session} />
        <NetworkSection session={session} />
      </div>
      <div class="sheet-sections">
        <TimelineSection session={session} events={events} />
        <OthersSection session={session} yours={yours} />
        <RawSection session={session} />
      </div>
    </article>
  )
}
