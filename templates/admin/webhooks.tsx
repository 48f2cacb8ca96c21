import type { Webhook } from '../../src/webhooks/endpoints.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { inDialog, type Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { numberText } from '../words.js'
import { SettingsFrame } from './settingsFrame.js'

/** "Settings, Webhooks": which other systems are told of what happens. */
export function WebhooksPage({ page, webhooks }: { page: Page; webhooks: Webhook[] }) {
  return (
    <SettingsFrame page={page} tab="webhooks" title="Webhooks" actions={<NewWebhookButton />}>
      <p class="muted">
        Other systems are told of sign-ins, sign-outs and blocks as they happen: one signed POST each, as Standard
        Webhooks says. What does not arrive is tried again for three days.
      </p>
      {webhooks.length > 0 ? <Table webhooks={webhooks} /> : <Nothing />}
    </SettingsFrame>
  )
}

function NewWebhookButton() {
  return (
    <ButtonLink variant="primary" icon="plus" {...inDialog('/admin/settings/webhooks/new')}>
      Add webhook
    </ButtonLink>
  )
}

function Nothing() {
  return (
    <div class="card">
      <EmptyState icon="webhook" title="Nobody is told of anything yet" actions={<NewWebhookButton />}>
        Add the address of a system of yours, such as a SIEM or a chat bridge, and choose what it is told of.
      </EmptyState>
    </div>
  )
}

function Table({ webhooks }: { webhooks: Webhook[] }) {
  return (
    <div class="table-card">
      <table class="table webhooks-table" data-rows="links" data-cards>
        <caption class="visually-hidden">Webhooks</caption>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Events</th>
            <th scope="col">State</th>
            <th scope="col">Waiting</th>
            <th scope="col">Added</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map((webhook) => (
            <Row webhook={webhook} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ webhook }: { webhook: Webhook }) {
  const { id, url, description, events, pending, createdAt } = webhook
  return (
    <tr id={`w-${id}`} data-row>
      <th scope="row" class="k-name">
        <div class="cell-two">
          <a class="mono clip" href={`/admin/settings/webhooks/${id}`} data-row-link>
            {url}
          </a>
          {description && (
            <span class="clip muted" dir="auto">
              {description}
            </span>
          )}
        </div>
      </th>
      <td data-label="Events">
        <span class="clip" title={events.join(', ')}>
          {events.slice(0, 2).join(', ')}
          {events.length > 2 && ` and ${events.length - 2} more`}
        </span>
      </td>
      <td data-label="State">
        <WebhookState webhook={webhook} />
      </td>
      <td data-label="Waiting">{pendingText(pending)}</td>
      <td data-label="Added">
        <Time at={createdAt} />
      </td>
    </tr>
  )
}

/** More are not counted. */
export const pendingText = (pending: number) => (pending >= 10_000 ? '10,000 or more' : numberText(pending))

export function WebhookState({ webhook: { disabledAt, disabledWhy, failingSince } }: { webhook: Webhook }) {
  if (disabledAt && disabledWhy !== 'switched-off')
    return (
      <Badge tone="red" icon="circle-alert">
        Disabled: {disabledWhy === 'gone' ? 'gone' : 'failed'}
      </Badge>
    )
  if (disabledAt) return <Badge>Disabled</Badge>
  return failingSince ? (
    <Badge tone="amber" icon="triangle-alert">
      Failing
    </Badge>
  ) : (
    <Badge tone="green">On</Badge>
  )
}
