import type { ApiKey } from '../../src/accounts/types.js'
import type { ReplaceErrors, ReplaceValues } from '../../src/admin/replaceKeyForm.js'
import type { AppProcessSeen } from '../../src/sessions/log/followers.js'
import { Segmented } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { DayAndTime } from './dayAndTime.js'
import { KeyActPage } from './keyAct.js'
import { KeyRateField } from './keyRateField.js'

interface ReplaceKeyProps {
  page: Page
  apiKey: ApiKey
  /** App processes that use it now. */
  users: AppProcessSeen[]
  values: ReplaceValues
  errors: ReplaceErrors
  usualRate: number
}

/** "Replace the key Billing, production?": a new one now, and until when the old one goes on. */
export function ReplaceKeyPage({ page, apiKey: key, users, values, errors, usualRate }: ReplaceKeyProps) {
  return (
    <KeyActPage
      page={page}
      apiKey={key}
      act="Replace"
      lead={
        <>
          Makes a new key that may do the same, shown once. <span class="mono">rck_…{key.hint}</span> goes on for as
          long as you choose, so that the processes of {key.app.name} can change over one by one.
        </>
      }
      submit={{ text: 'Make the new key', variant: 'primary', icon: 'key-round' }}
      error={errors.form}
    >
      <p class="muted wrap">
        {users.length > 0
          ? `It is used now by ${users.map(({ name }) => name).join(', ')}.`
          : 'No process that follows uses it now; a script may.'}
      </p>
      <div class="reveals">
        <Segmented
          name="old"
          legend="The old key works"
          value={values.old ?? '7d'}
          error={errors.old}
          options={[
            { value: 'now', label: 'No more' },
            { value: '1d', label: '1 day' },
            { value: '7d', label: '7 days' },
            { value: '30d', label: '30 days' },
            { value: 'date', label: 'Until…' },
            { value: 'revoked', label: 'Until revoked' },
          ]}
        />
        <DayAndTime value={values.date} zone={values.zone} error={errors.date} />
      </div>
      <KeyRateField value={values.rate} error={errors.rate} usual={usualRate} />
    </KeyActPage>
  )
}
