import type { ApiKey } from '../../src/accounts/types.js'
import { ButtonLink } from '../components/Button.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { SecretField } from './secretField.js'

/** The key, once: only its hash is kept. */
export function KeyCreatedPage({
  page,
  created: { key, secret },
}: {
  page: Page
  created: { key: ApiKey; secret: string }
}) {
  return (
    <Layout
      page={page}
      nav="settings"
      title={`Key ${key.name}`}
      heading={<ActHeading from={[{ href: '/admin/settings/keys', text: 'API keys' }]} title={key.name} />}
    >
      <div class="dialog-page">
        <div id="dialog-content" class="dialog-content">
          <div>
            <div class="dialog-body">
              <div class="dialog-head">
                <h2 id="dialog-title">The key {key.name} is made</h2>
                <p>
                  For <strong>{key.app.name}</strong>. Put it where secrets are kept, now.
                </p>
              </div>
              <SecretField
                id="secret"
                label="API key"
                text={secret}
                what="key"
                hint="Shown this once: it can’t be looked up later."
              />
            </div>
            <div class="dialog-foot">
              <ButtonLink href="/admin/settings/keys" size="large" variant="primary">
                Done
              </ButtonLink>
            </div>
          </div>
        </div>
      </div>
    </Layout>
  )
}
