import type { ApiKey } from '../../src/accounts/types.js'
import { DialogForm } from '../components/Dialog.js'
import { type Page, usePage } from '../components/page.js'
import { Layout } from '../layout.js'
import { relativeText } from '../words.js'
import { ActHeading } from './actHeading.js'

/** "Revoke the key Billing, production?" */
export function RevokeKeyPage({ page, apiKey: key }: { page: Page; apiKey: ApiKey }) {
  return (
    <Layout
      page={page}
      nav="settings"
      title={`Revoke ${key.name}`}
      heading={<ActHeading from={[{ href: '/admin/settings/keys', text: 'API keys' }]} title={`Revoke ${key.name}`} />}
    >
      <DialogForm
        title={`Revoke the key ${key.name}?`}
        lead={<Lead apiKey={key} />}
        action={`/admin/settings/keys/${key.id}/revoke`}
        cancel="/admin/settings/keys"
        submit={{ text: 'Revoke key', variant: 'danger-solid', icon: 'trash-2' }}
      />
    </Layout>
  )
}

function Lead({ apiKey: key }: { apiKey: ApiKey }) {
  const { now, look } = usePage()
  return (
    <>
      What uses <span class="mono">rck_…{key.hint}</span> in {key.app.name} is refused from now on.{' '}
      {key.lastUsedAt ? `It was used last ${relativeText(key.lastUsedAt, now, look.zone)}.` : 'It was never used.'}{' '}
      There is no way back.
    </>
  )
}
