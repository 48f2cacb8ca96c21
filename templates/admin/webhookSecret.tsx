import type { Webhook } from '../../src/webhooks/endpoints.js'
import { ButtonLink } from '../components/Button.js'
import { DialogContent } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { SecretField } from './secretField.js'

interface WebhookSecretProps {
  page: Page
  webhook: Webhook
  secret: string
  isNew: boolean
}

/** The secret, once: later pages do not show it. */
export function WebhookSecretPage({ page, webhook: { id, url }, secret, isNew }: WebhookSecretProps) {
  return (
    <Layout
      page={page}
      nav="settings"
      title="Webhook secret"
      heading={<ActHeading from={[{ href: '/admin/settings/webhooks', text: 'Webhooks' }]} title="Webhook secret" />}
    >
      <div class="dialog-page">
        <DialogContent>
          <div>
            <div class="dialog-body">
              <div class="dialog-head">
                <h2 id="dialog-title">{isNew ? 'The webhook is added' : 'The secret is replaced'}</h2>
                <p>
                  The receiver at <span class="mono wrap">{url}</span> checks the signature of each delivery with this
                  secret. Put it there now{isNew ? '' : ': the one before signs too for 24 hours'}.
                </p>
              </div>
              <SecretField
                id="secret"
                label="Secret"
                text={secret}
                what="secret"
                hint="Shown this once. If it is lost, replace it."
              />
            </div>
            <div class="dialog-foot">
              <ButtonLink href={`/admin/settings/webhooks/${id}`} size="large" variant="primary">
                Done
              </ButtonLink>
            </div>
          </div>
        </DialogContent>
      </div>
    </Layout>
  )
}
