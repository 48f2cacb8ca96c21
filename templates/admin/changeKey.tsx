import type { ApiKey } from '../../src/accounts/types.js'
import type { ChangeKeyErrors, ChangeKeyValues } from '../../src/admin/settingsKeys.js'
import { Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { KeyActPage } from './keyAct.js'
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
  return (
    <KeyActPage
      page={page}
      apiKey={key}
      act="Change"
      lead={
        <>
          Holds from the next request of <span class="mono">rck_…{key.hint}</span> on. What it may do and when it
          expires stay: replace it for that, or make another one.
        </>
      }
      submit={{ text: 'Change key', variant: 'primary', icon: 'pencil' }}
      error={errors.form}
    >
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
    </KeyActPage>
  )
}
