import type { App } from '../../src/accounts/apps/apps.js'
import { ROLES, type Role, type Settings } from '../../src/accounts/types.js'
import {
  APP_TIMEOUTS,
  type AppPolicyErrors,
  type AppPolicyValues,
  type AppRisk,
  type AppTimeout,
  policyValues,
} from '../../src/admin/appPolicyForm.js'
import { RECOMMENDED, shownAs } from '../../src/admin/settingsForm.js'
import { Notice } from '../components/Card.js'
import { DialogForm } from '../components/Dialog.js'
import { DurationField } from '../components/DurationField.js'
import { Checkbox, Field, FieldError, Select } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { durationText, numberText } from '../words.js'
import { AppActHeading } from './actHeading.js'
import { TIMES } from './settings.js'

interface AppPolicyProps {
  page: Page
  app: App
  settings: Settings
  values: AppPolicyValues
  errors: AppPolicyErrors
  /** Less safe than it was, and not yet said yes to. */
  risks: AppRisk[]
}

/** How the app's sessions differ from what the settings say. */
export function AppPolicyPage({ page, app, settings, values, errors, risks }: AppPolicyProps) {
  const path = `/admin/apps/${app.id}`
  return (
    <Layout page={page} nav="apps" title={`Policy of ${app.name}`} heading={<AppActHeading app={app} title="Policy" />}>
      <DialogForm
        title={`What holds for ${app.name}?`}
        lead="At once, for open sessions too. What is empty follows the settings."
        action={`${path}/policy`}
        cancel={path}
        hidden={{ shown: values.shown ?? shownAs(policyValues(app)) }}
        submit={{ text: 'Save policy', variant: 'primary', icon: 'sliders-horizontal' }}
      >
        {risks.length > 0 && <Risks values={values} risks={risks} error={errors.accept_risk} />}
        {APP_TIMEOUTS.map((name) => (
          <DurationField
            name={name}
            label={TIMES[name].label}
            value={values[name]}
            unit={values[`${name}Unit`]}
            error={errors[name]}
            hint={hintOf(name, app, settings)}
            warn={(app[name] ?? 0) > RECOMMENDED[name]}
          />
        ))}
        <Field
          name="sessionLimit"
          label="Live sessions of an account in it"
          optional
          inputmode="numeric"
          maxlength={5}
          value={values.sessionLimit}
          error={errors.sessionLimit}
          hint={`Empty: ${numberText(settings.sessionLimit)}, by the settings. When one more starts, the oldest ends.`}
        />
        <Select
          name="role"
          label="Who signs in"
          value={values.role}
          error={errors.role}
          options={ROLES.map((role) => ({ value: role, label: ROLE_TEXTS[role] }))}
          hint="A higher role than before signs everyone out of the app."
        />
        <Select
          name="onUnavailable"
          label="While Rollcall can’t be asked"
          value={values.onUnavailable}
          error={errors.onUnavailable}
          options={[
            { value: 'deny', label: 'Refuse' },
            { value: 'allow-cached', label: 'Accept what is remembered: a risk' },
          ]}
        />
      </DialogForm>
    </Layout>
  )
}

export const ROLE_TEXTS: Record<Role, string> = {
  person: 'Everyone',
  viewer: 'Viewers, responders and owners',
  responder: 'Responders and owners',
  owner: 'Owners',
}

const hintOf = (name: AppTimeout, app: App, settings: Settings): string =>
  (app[name] ?? 0) > RECOMMENDED[name]
    ? `Above ${durationText(RECOMMENDED[name])}: ${TIMES[name].risk}`
    : `Empty: ${durationText(settings[name])}, by the settings.`

const CACHED_RISK = 'what is ended while Rollcall can’t be asked is let in for as long as that lasts.'

function Risks({ values, risks, error }: Pick<AppPolicyProps, 'values' | 'risks'> & { error: string | undefined }) {
  return (
    <Notice tone="amber" icon="triangle-alert" title="This is less safe. Nothing was changed yet">
      <ul class="risk-lines">
        {risks.map((risk) =>
          risk === 'onUnavailable' ? (
            <li>Accept what is remembered: {CACHED_RISK}</li>
          ) : (
            <li>
              {TIMES[risk].label} {values[risk]} {values[`${risk}Unit`]} (usual: {durationText(RECOMMENDED[risk])}):{' '}
              {TIMES[risk].risk}
            </li>
          ),
        )}
      </ul>
      <Checkbox name="accept_risk" label="We accept this" />
      {error && <FieldError>{error}</FieldError>}
    </Notice>
  )
}
