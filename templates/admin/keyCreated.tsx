import type { ApiKey } from '../../src/accounts/types.js'
import { ButtonLink } from '../components/Button.js'
import { DialogContent } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { SecretField } from './secretField.js'

/** The key, once: only its hash is kept. */
export function KeyCreatedPage({
  page,
  created: { key, secret },
  old,
}: {
  page: Page
  created: { key: ApiKey; secret: string }
  /** The one that it takes the place of, as it now is. */
  old?: ApiKey
}) {
  return (
    <Layout
      page={page}
      nav="settings"
      title={`Key ${key.name}`}
      heading={<ActHeading from={[{ href: '/admin/settings/keys', text: 'API keys' }]} title={key.name} />}
    >
      <div class="dialog-page">
        <DialogContent>
          <div>
            <div class="dialog-body">
              <div class="dialog-head">
                <h2 id="dialog-title">The key {key.name} is made</h2>
                <p>
                  For <strong>{key.app.name}</strong>. Put it where secrets are kept, now.
                </p>
              </div>
              {old && (
                <p class="muted">
                  <span class="mono">rck_…{old.hint}</span>{' '}
                  {old.revokedAt ? (
                    'is refused from now on.'
                  ) : old.expiresAt ? (
                    <>
                      stops working <Time at={old.expiresAt} />.
                    </>
                  ) : (
                    'works until you revoke it.'
                  )}{' '}
                  The page of the app says who still uses it.
                </p>
              )}
              <SecretField
                id="secret"
                label="API key"
                text={secret}
                what="key"
                hint="Shown this once: it can’t be looked up later."
              />
            </div>
            <div class="dialog-foot">
              <ButtonLink
                href={old ? `/admin/apps/${key.app.id}` : '/admin/settings/keys'}
                size="large"
                variant="primary"
              >
                Done
              </ButtonLink>
            </div>
          </div>
        </DialogContent>
      </div>
    </Layout>
  )
}
