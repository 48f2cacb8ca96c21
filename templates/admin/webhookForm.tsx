import type { WebhookErrors, WebhookValues } from '../../src/admin/settingsWebhooks.js'
import type { Webhook } from '../../src/webhooks/endpoints.js'
import { EVENT_TYPES, EVENTS } from '../../src/webhooks/events.js'
import { DialogForm } from '../components/Dialog.js'
import { Checkbox, Field, FieldError } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'

interface WebhookFormProps {
  page: Page
  /** The one that is changed; a new one when undefined. */
  before: Webhook | undefined
  values: WebhookValues
  errors: WebhookErrors
}

/** "Tell whom of what?" */
export function WebhookFormPage({ page, before, values, errors }: WebhookFormProps) {
  const title = before ? 'Change webhook' : 'Add webhook'
  const here = before ? `/admin/settings/webhooks/${before.id}` : '/admin/settings/webhooks'
  return (
    <Layout
      page={page}
      nav="settings"
      title={title}
      heading={<ActHeading from={[{ href: '/admin/settings/webhooks', text: 'Webhooks' }]} title={title} />}
    >
      <DialogForm
        title={before ? 'Tell it of what?' : 'Tell whom of what?'}
        lead="Each event is one signed POST. It may come more than once, with the same id."
        action={before ? `${here}/change` : here}
        cancel={here}
        submit={{ text: before ? 'Save' : 'Add webhook', variant: 'primary', icon: 'webhook' }}
        hidden={values.shown ? { shown: values.shown } : {}}
      >
        <Field
          name="url"
          label="Address"
          required
          maxlength={2000}
          autocomplete="off"
          spellcheck={false}
          placeholder="https://example.com/hooks/rollcall"
          hint="https, and on the public internet"
          value={values.url}
          error={errors.url}
        />
        <Field
          name="description"
          label="Description"
          optional
          maxlength={200}
          autocomplete="off"
          placeholder="SIEM"
          value={values.description}
        />
        <fieldset class="field">
          <legend>Events</legend>
          {EVENT_TYPES.map((type) => (
            <Checkbox
              name="event"
              value={type}
              checked={values.event?.includes(type) ?? false}
              label={<span class="mono">{type}</span>}
              hint={EVENTS[type]}
            />
          ))}
          {errors.event && <FieldError id="event-error">{errors.event}</FieldError>}
        </fieldset>
      </DialogForm>
    </Layout>
  )
}
