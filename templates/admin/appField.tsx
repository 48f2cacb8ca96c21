import type { App } from '../../src/accounts/apps/apps.js'
import { Field, Select } from '../components/Field.js'

interface AppFieldProps {
  apps: App[]
  values: { app?: string | undefined; app_name?: string | undefined }
  errors: { app?: string | undefined; app_name?: string | undefined }
  placeholder?: string
}

/** An app that is there, or a new one with its name. */
export function AppField({ apps, values, errors, placeholder }: AppFieldProps) {
  return (
    <div class="reveals">
      <Select
        name="app"
        label="App"
        value={values.app}
        error={errors.app}
        options={[...apps.map(({ id, name }) => ({ value: id, label: name })), { value: 'new', label: 'A new app…' }]}
      />
      <div class="revealed" data-for="new">
        <Field
          name="app_name"
          label="Name of the new app"
          maxlength={100}
          autocomplete="off"
          placeholder={placeholder}
          value={values.app_name}
          error={errors.app_name}
        />
      </div>
    </div>
  )
}
