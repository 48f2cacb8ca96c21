import type { Account } from '../../src/accounts/types.js'
import { Notice } from '../components/Card.js'
import { DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { countText } from '../words.js'
import { AccountActHeading } from './actHeading.js'

interface RequirePasswordProps {
  page: Page
  account: Account
  /** Live ones. */
  sessions: number
  reason: string
  errors: { reason?: string; form?: string }
}

/** "Require a new password of Priya Raman?": what ends, and what the present one is still good for. */
export function RequirePasswordPage({ page, account, sessions, reason, errors }: RequirePasswordProps) {
  const path = `/admin/accounts/${account.id}`
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Require a new password of ${account.name}`}
      heading={<AccountActHeading account={account} title="Require a new password" />}
    >
      <DialogForm
        title={`Require a new password of ${account.name}?`}
        lead={
          <>
            Ends <strong>{countText(sessions, 'session')}</strong> now, in every app. At the next sign-in with the right
            password they choose a new one before anything else; the present one can’t be kept.
          </>
        }
        action={`${path}/require-new-password`}
        cancel={path}
        submit={{ text: 'Require a new password', variant: 'danger-solid', icon: 'key-round' }}
      >
        {errors.form && (
          <Notice tone="red" icon="circle-alert">
            {errors.form}
          </Notice>
        )}
        <p class="muted">
          Whoever knows the present password may choose the new one. If somebody else knows it, block the account too,
          and send a link for a new password.
        </p>
        <Field
          name="reason"
          label="Reason"
          required
          maxlength={500}
          autocomplete="off"
          value={reason}
          error={errors.reason}
          hint="For the audit log; the person is not told."
        />
      </DialogForm>
    </Layout>
  )
}
