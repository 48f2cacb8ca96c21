import type { ApiKey } from '../../src/accounts/types.js'
import type { ChangeKeyErrors, ChangeKeyValues } from '../../src/admin/settingsKeys.js'
import { Notice } from '../components/Card.js'
import { DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { KeyRateField } from './keyRateField.js'

interface ChangeKeyProps {
  page: Page
  apiKey: ApiKey
  values: ChangeKeyValues
  errors: ChangeKeyErrors
  usualRate: number
}

/** "Change the key Billing, production?": its name and how often it may ask; what it may do stays. */
export function ChangeKeyPage({ page, apiKey: key, values, errors, usualRate }: ChangeKeyProps) {
  const title = `Change ${key.name}`
  const path = `/admin/apps/${key.app.id}`
  return (
    <Layout
      page={page}
      nav="apps"
      title={title}
      heading={<ActHeading from={[{ href: path, text: key.app.name }]} title={title} />}
    >
      <DialogForm
        title={`Change the key ${key.name}?`}
        lead={
          <>
            Holds from the next request of <span class="mono">rck_…{key.hint}</span> on. What it may do and when it
            expires stay: replace it for that, or make another one.
          </>
        }
        action={`/admin/settings/keys/${key.id}/change`}
        cancel={path}
        submit={{ text: 'Change key', variant: 'primary', icon: 'pencil' }}
      >
        {errors.form && (
          <Notice tone="red" icon="circle-alert">
            {errors.form}
          </Notice>
        )}
        <Field
          name="name"
          label="Name"
          required
          maxlength={200}
          autocomplete="off"
          value={values.name}
          error={errors.name}
        />
        <KeyRateField value={values.rate} error={errors.rate} usual={usualRate} />
      </DialogForm>
    </Layout>
  )
}
