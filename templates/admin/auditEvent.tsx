import type { Seal } from '../../src/audit/seal.js'
import { auditSentence, sentenceText } from '../../src/audit/sentence.js'
import type { AuditEvent } from '../../src/audit/types.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Icon } from '../components/Icon.js'
import type { Page } from '../components/page.js'
import { ReceiptLines, type ReceiptProps } from '../components/Receipt.js'
import { Layout } from '../layout.js'
import { absoluteText } from '../words.js'
import { AuditDays } from './auditDays.js'

interface AuditEventProps {
  page: Page
  event: AuditEvent
  receipt: ReceiptProps | undefined
  seals: ReadonlyMap<string, Seal>
}

/** One event at an address of its own, to be sent to a colleague. */
export function AuditEventPage({ page, event, receipt, seals }: AuditEventProps) {
  return (
    <Layout
      page={page}
      nav="audit"
      title={sentenceText(auditSentence(event)).slice(0, 80)}
      heading={
        <>
          <nav class="crumbs" aria-label="Where this is">
            <a href="/admin/audit">Audit log</a>
            <Icon name="chevron-right" />
            <span aria-current="page">Event</span>
          </nav>
          <h1>{absoluteText(event.at, page.look.zone)}</h1>
        </>
      }
    >
      <AuditDays events={[event]} open seals={seals} />
      {receipt && (
        <Card title="Receipt">
          <ReceiptLines {...receipt} />
        </Card>
      )}
      <div class="row">
        {event.accountId && (
          <ButtonLink href={`/admin/accounts/${event.accountId}`} icon="user">
            The account
          </ButtonLink>
        )}
        {event.target?.kind === 'sessions' && (
          <ButtonLink href={`/admin/jobs/${event.target.id}`} icon="log-out">
            What came of it
          </ButtonLink>
        )}
        {event.sessionId && (
          <ButtonLink href={`/admin/sessions/${event.sessionId}`} icon="radio">
            The session
          </ButtonLink>
        )}
        {event.accountId && (
          <ButtonLink href={`/admin/audit?account=${event.accountId}`} icon="scroll-text">
            All events about it
          </ButtonLink>
        )}
      </div>
    </Layout>
  )
}
