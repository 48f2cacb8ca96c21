import { Pager } from '../components/Pager.js'
import { EmptyState } from '../components/States.js'
import type { AccountProps } from './account.js'
import { AuditDays } from './auditDays.js'

/** What was done to the account, and what it did. */
export function AccountAuditTab({ account, events }: AccountProps) {
  const path = `/admin/accounts/${account.id}?tab=audit`
  return (
    <div class="band">
      {events.items.length === 0 ? (
        <div class="card">
          <EmptyState icon="scroll-text" title="Nothing yet">
            What is done to this account, and what it does itself, appears here.
          </EmptyState>
        </div>
      ) : (
        <AuditDays events={events.items} />
      )}
      <Pager
        newer={events.previous && `${path}&before=${events.previous}`}
        older={events.next && `${path}&after=${events.next}`}
      />
    </div>
  )
}
