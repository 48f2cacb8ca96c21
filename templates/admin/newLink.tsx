import type { Account } from '../../src/accounts/types.js'
import { DialogForm } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { AccountActHeading } from './actHeading.js'

/** "Make a new link for Priya Raman?" */
export function NewLinkPage({ page, account }: { page: Page; account: Account }) {
  const path = `/admin/accounts/${account.id}`
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`New link for ${account.name}`}
      heading={<AccountActHeading account={account} title="New link" />}
    >
      <DialogForm
        title={`Make a new link for ${account.name}?`}
        lead={
          account.hasPassword
            ? 'With it they choose a new password, which ends their sessions. Until they do, the present password works. Older links stop working.'
            : 'With it they choose their first password. Older links stop working.'
        }
        action={`${path}/invitation`}
        cancel={path}
        submit={{ text: 'Make the link', variant: 'primary', icon: 'link' }}
      >
        {account.block && <p class="field-hint">The account stays blocked: a new password lifts no block.</p>}
      </DialogForm>
    </Layout>
  )
}
