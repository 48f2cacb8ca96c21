import { Pager } from '../components/Pager.js'
import { EmptyState } from '../components/States.js'
import type { AccountProps } from './account.js'
import { AuditDays } from './auditDays.js'
import { HeatGrid } from './heatGrid.js'

/** Every sign-in and every refused one. */
export function AccountActivityTab({ account, activity, events }: AccountProps) {
  const path = `/admin/accounts/${account.id}?tab=sign-ins`
  return (
    <div class="columns">
      <div class="band">
        {events.items.length === 0 ? (
          <div class="card">
            <EmptyState icon="log-in" title="No sign-ins yet">
              Each sign-in appears here, also those that were refused.
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
      <HeatGrid title="Sign-in history" hours={activity.hours} of="sign-ins" account={account.id} />
    </div>
  )
}
