import type { ProtectedHost } from '../../src/accounts/apps/protectedHosts.js'
import { DialogForm } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'

/** "Remove wiki.example.com?" */
export function RemoveHostPage({ page, host: { id, host, app } }: { page: Page; host: ProtectedHost }) {
  const title = `Remove ${host}`
  return (
    <Layout
      page={page}
      nav="settings"
      title={title}
      heading={<ActHeading from={[{ href: '/admin/settings/hosts', text: 'Protected hosts' }]} title={title} />}
    >
      <DialogForm
        title={`Remove ${host}?`}
        lead={`Nobody is let in there from now on, as long as the proxy asks. Sessions of ${app.name} stay as they are.`}
        action={`/admin/settings/hosts/${id}/remove`}
        cancel="/admin/settings/hosts"
        submit={{ text: 'Remove host', variant: 'danger-solid', icon: 'trash-2' }}
      />
    </Layout>
  )
}
