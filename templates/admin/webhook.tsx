import type { LogQuery } from '../../src/admin/settingsWebhooks.js'
import type { Page as ListPage } from '../../src/db/page.js'
import type { Nonsense } from '../../src/http/parse.js'
import type { Webhook } from '../../src/webhooks/endpoints.js'
import type { Delivery } from '../../src/webhooks/log.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import { inDialog, type Page } from '../components/page.js'
import { Since, Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { DeliveryLog } from './webhookLog.js'
import { pendingText, WebhookState } from './webhooks.js'

interface WebhookProps {
  page: Page
  webhook: Webhook
  log: ListPage<Delivery>
  query: LogQuery
  nonsense: Nonsense[]
}

/** One endpoint: its state, what may be done with it, and what was sent to it. */
export function WebhookPage({ page, webhook, log, query, nonsense }: WebhookProps) {
  const title = webhook.description || new URL(webhook.url).host
  const here = `/admin/settings/webhooks/${webhook.id}`
  return (
    <Layout
      page={page}
      nav="settings"
      title={`${title}, webhook`}
      help="settings"
      heading={<ActHeading from={[{ href: '/admin/settings/webhooks', text: 'Webhooks' }]} title={title} />}
      refresh={nonsense.length > 0 ? undefined : page.path}
      actions={
        <PostButton action={`${here}/test`} icon="radio">
          Send test
        </PostButton>
      }
    >
      <div class="settings-wide">
        <Trouble webhook={webhook} />
        <Card title="This webhook" aside={<WebhookState webhook={webhook} />} line>
          <div class="stack">
            <Facts facts={factsOf(webhook)} />
            <Actions webhook={webhook} here={here} />
          </div>
        </Card>
      </div>
      <DeliveryLog here={here} log={log} query={query} nonsense={nonsense} disabled={webhook.disabledAt !== null} />
    </Layout>
  )
}

function Actions({ webhook: { disabledAt }, here }: { webhook: Webhook; here: string }) {
  return (
    <div class="act-foot">
      <ButtonLink icon="pencil" {...inDialog(`${here}/change`)}>
        Change
      </ButtonLink>
      <ButtonLink icon="key-round" {...inDialog(`${here}/secret`)}>
        Replace secret
      </ButtonLink>
      <PostButton
        action={`${here}/${disabledAt ? 'enable' : 'disable'}`}
        {...(disabledAt ? { variant: 'primary' } : {})}
      >
        {disabledAt ? 'Enable' : 'Disable'}
      </PostButton>
      <ButtonLink variant="danger" icon="trash-2" {...inDialog(`${here}/remove`)}>
        Delete
      </ButtonLink>
    </div>
  )
}

const factsOf = (webhook: Webhook): Parameters<typeof Facts>[0]['facts'] => [
  ['Address', <span class="mono wrap">{webhook.url}</span>],
  ['Events', <span class="wrap">{webhook.events.join(', ')}</span>],
  ['Waiting', pendingText(webhook.pending)],
  [
    'Secret',
    webhook.previousUntil ? (
      <span>
        Replaced; the one before stops signing <Time at={webhook.previousUntil} />
      </span>
    ) : (
      'Shown once, when it was made'
    ),
  ],
  [
    'Added',
    <span>
      <Time at={webhook.createdAt} /> by {webhook.createdByName}
    </span>,
  ],
]

function Trouble({ webhook: { disabledAt, disabledWhy, failingSince, retryAt } }: { webhook: Webhook }) {
  if (disabledAt && disabledWhy !== 'switched-off')
    return (
      <Notice tone="red" icon="circle-alert" title="Rollcall has disabled this webhook">
        <p>
          {disabledWhy === 'gone'
            ? 'It answered 410: that it is gone for good.'
            : 'It gave no good answer for three days.'}{' '}
          It is told of nothing until you enable it: mend the receiver, send a test, then enable it here.
        </p>
      </Notice>
    )
  if (disabledAt || !failingSince) return null
  return (
    <Notice tone="amber" icon="triangle-alert" title="The last attempts failed">
      <p>
        No good answer for <Since at={failingSince} />.{' '}
        {retryAt ? (
          <>
            The next attempt: <Time at={retryAt} />.
          </>
        ) : (
          'It is tried again, one delivery at a time.'
        )}{' '}
        After three days of this Rollcall disables it.
      </p>
    </Notice>
  )
}
