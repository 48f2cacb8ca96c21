import type { PropsWithChildren } from 'hono/jsx'
import type { Webhook } from '../../src/webhooks/endpoints.js'
import { DialogForm } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'

interface QuestionProps {
  page: Page
  webhook: Webhook
}

/** "Delete this webhook?" */
export function RemoveWebhookPage({ page, webhook: { id, url } }: QuestionProps) {
  return (
    <Frame page={page} title="Delete webhook">
      <DialogForm
        title="Delete this webhook?"
        lead={`Nothing more is sent to ${url}, what waits neither. Its log goes with it.`}
        action={`/admin/settings/webhooks/${id}/remove`}
        cancel={`/admin/settings/webhooks/${id}`}
        submit={{ text: 'Delete webhook', variant: 'danger-solid', icon: 'trash-2' }}
      />
    </Frame>
  )
}

/** "Replace the secret?" */
export function RotateSecretPage({ page, webhook: { id, url }, hours }: QuestionProps & { hours: number }) {
  return (
    <Frame page={page} title="Replace secret">
      <DialogForm
        title="Replace the secret?"
        lead={`For ${hours} hours each delivery to ${url} carries two signatures, by the new secret and by the present one: put the new one in place until then. One that is being replaced already ends at once.`}
        action={`/admin/settings/webhooks/${id}/secret`}
        cancel={`/admin/settings/webhooks/${id}`}
        submit={{ text: 'Replace secret', variant: 'primary', icon: 'key-round' }}
      />
    </Frame>
  )
}

function Frame({ page, title, children }: PropsWithChildren<{ page: Page; title: string }>) {
  return (
    <Layout
      page={page}
      nav="settings"
      title={title}
      heading={<ActHeading from={[{ href: '/admin/settings/webhooks', text: 'Webhooks' }]} title={title} />}
    >
      {children}
    </Layout>
  )
}
