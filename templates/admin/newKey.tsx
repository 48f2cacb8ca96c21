import type { App } from '../../src/accounts/apps/apps.js'
import { SCOPES, type Scope } from '../../src/accounts/types.js'
import type { KeyErrors, KeyValues } from '../../src/admin/settingsKeys.js'
import { DialogForm } from '../components/Dialog.js'
import { Checkbox, Field, FieldError, Segmented } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { AppField } from './appField.js'
import { KeyRateField } from './keyRateField.js'

interface NewKeyProps {
  page: Page
  apps: App[]
  values: KeyValues
  errors: KeyErrors
  usualRate: number
}

const GIVES: Record<Scope, string> = {
  'sessions:verify': 'ask whether a session of the app is good',
  'sessions:write': 'start and end sessions of the app',
  'sessions:read': 'list sessions of the app',
  'accounts:write': 'list, make and change people, those of all apps; no admins',
  'blocks:write': 'block and unblock people and networks, in all apps',
  'audit:read': 'read the whole audit log, with what happened in all apps',
  admin: 'everything, in every app',
}

export function NewKeyPage({ page, apps, values, errors, usualRate }: NewKeyProps) {
  return (
    <Layout
      page={page}
      nav="settings"
      title="New API key"
      heading={<ActHeading from={[{ href: '/admin/settings/keys', text: 'API keys' }]} title="New API key" />}
    >
      <DialogForm
        title="Make a key for what?"
        lead="It is shown once. Give it no more than it needs."
        action="/admin/settings/keys"
        cancel="/admin/settings/keys"
        submit={{ text: 'Make the key', variant: 'primary', icon: 'key-round' }}
      >
        <Field
          name="name"
          label="Name"
          required
          maxlength={200}
          autocomplete="off"
          placeholder="Billing, production"
          value={values.name}
          error={errors.name}
        />
        <AppField apps={apps} values={values} errors={errors} />
        <fieldset class="field">
          <legend>It may</legend>
          {SCOPES.map((scope) => (
            <Checkbox
              name="scope"
              value={scope}
              checked={values.scope?.includes(scope) ?? false}
              label={<span class="mono">{scope}</span>}
              hint={GIVES[scope]}
            />
          ))}
          {errors.scope && <FieldError>{errors.scope}</FieldError>}
        </fieldset>
        <Segmented
          name="lifetime"
          legend="Expires"
          value={values.lifetime ?? '365d'}
          error={errors.lifetime}
          options={[
            { value: '30d', label: '30 days' },
            { value: '90d', label: '90 days' },
            { value: '365d', label: '1 year' },
            { value: 'never', label: 'Never' },
          ]}
        />
        <KeyRateField value={values.rate} error={errors.rate} usual={usualRate} />
      </DialogForm>
    </Layout>
  )
}
