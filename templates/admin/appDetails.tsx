import type { App } from '../../src/accounts/apps/apps.js'
import { APP_ICONS, type AppIcon } from '../../src/accounts/types.js'
import { DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import { Icon } from '../components/Icon.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { AppActHeading } from './actHeading.js'
import { ICON_TEXTS } from './appWords.js'

interface AppDetailsProps {
  page: Page
  app: App
  values: { name: string; icon: AppIcon }
  errors: { name?: string }
}

/** Its name and icon. */
export function AppDetailsPage({ page, app, values, errors }: AppDetailsProps) {
  const path = `/admin/apps/${app.id}`
  return (
    <Layout
      page={page}
      nav="apps"
      title={`Rename ${app.name}`}
      heading={<AppActHeading app={app} title="Name and icon" />}
    >
      <DialogForm
        title={`What is ${app.name} called?`}
        action={`${path}/details`}
        cancel={path}
        submit={{ text: 'Save', variant: 'primary', icon: 'pencil' }}
      >
        <Field
          name="name"
          label="Name"
          required
          maxlength={100}
          autocomplete="off"
          value={values.name}
          error={errors.name}
        />
        <IconPicks value={values.icon} />
      </DialogForm>
    </Layout>
  )
}

/** One of the icons that apps are drawn with. */
export function IconPicks({ value = 'app-window' }: { value: AppIcon | undefined }) {
  return (
    <fieldset class="field">
      <legend>Icon</legend>
      <div class="picks icon-picks">
        {APP_ICONS.map((name) => (
          <label class="pick" title={ICON_TEXTS[name]}>
            <input type="radio" name="icon" value={name} checked={name === value} />
            <Icon name={name} />
            <span class="visually-hidden">{ICON_TEXTS[name]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
