import type { Settings } from '../../src/accounts/types.js'
import {
  type PolicyErrors,
  type PolicyRisk,
  type PolicyValues,
  RECOMMENDED,
  shownAs,
  type Timeout,
  valuesOf,
} from '../../src/admin/settingsForm.js'
import { Button } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { DurationField } from '../components/DurationField.js'
import { Facts } from '../components/Facts.js'
import { Checkbox, Field, FieldError, Select } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { countText, durationText, numberText } from '../words.js'
import { SettingsFrame } from './settingsFrame.js'

interface SettingsProps {
  page: Page
  settings: Settings
  /** What was typed, or what holds. */
  values: PolicyValues
  errors: PolicyErrors
  /** Raised above what is safe, and not yet said yes to. */
  risks: PolicyRisk[]
  /** Decided by an environment variable of this name. */
  fixed: Partial<Record<Timeout, string>>
}

const IDLE_RISK = 'whoever finds the device, or steals the session, can use it for that long after the person has left.'
const LONG_RISK = 'a stolen session that is kept in use works for that long.'

export const TIMES: Record<Timeout, { label: string; risk: string }> = {
  idleTimeout: { label: 'Signed out when not used for', risk: IDLE_RISK },
  absoluteTimeout: { label: 'Signed out in any case after', risk: LONG_RISK },
  adminIdleTimeout: { label: 'Signed out when not used for', risk: IDLE_RISK },
  adminAbsoluteTimeout: { label: 'Signed out in any case after', risk: LONG_RISK },
}

export function SettingsPage(props: SettingsProps) {
  const { page } = props
  return (
    <SettingsFrame page={page} tab="policies" title="Settings">
      {page.can.own ? <PolicyForm {...props} /> : <Policies {...props} />}
    </SettingsFrame>
  )
}

/** For those who look: no field, no button. */
function Policies({ settings }: SettingsProps) {
  return (
    <div class="settings-column">
      <Card title="Sessions of people" line>
        <Facts facts={factsOf(settings, 'idleTimeout', 'absoluteTimeout')} />
      </Card>
      <Card title="Sessions of admins in this panel" line>
        <Facts facts={factsOf(settings, 'adminIdleTimeout', 'adminAbsoluteTimeout')} />
      </Card>
      <Card title="More" line>
        <Facts
          facts={[
            ['Live sessions of an account in one app', numberText(settings.sessionLimit)],
            ['Blocked people ask', <span class="wrap">{settings.contact}</span>],
            [
              'Ended sessions kept for',
              settings.sessionDays === null ? 'Good' : countText(settings.sessionDays, 'day'),
            ],
            ['Audit log kept for', settings.auditDays === null ? 'Good' : countText(settings.auditDays, 'day')],
            ['Addresses and names for viewers', settings.maskForViewers ? 'Masked' : 'Shown in full'],
          ]}
        />
      </Card>
    </div>
  )
}

const factsOf = (settings: Settings, ...names: Timeout[]): [string, string][] =>
  names.map((name) => [TIMES[name].label, durationText(settings[name])])

function PolicyForm({ settings, values, errors, risks, fixed }: SettingsProps) {
  const time = (name: Timeout) => (
    <TimeField name={name} present={settings[name]} values={values} error={errors[name]} fixedBy={fixed[name]} />
  )
  return (
    <form class="settings-column" method="post" action="/admin/settings">
      <input type="hidden" name="shown" value={values.shown ?? shownAs(valuesOf(settings))} />
      {errors.form && (
        <Notice tone="red" icon="circle-alert">
          {errors.form}
        </Notice>
      )}
      {risks.length > 0 && <Risks values={values} risks={risks} error={errors.accept_risk} />}
      <Card title="Sessions of people" line>
        <fieldset class="settings-fields" aria-label="Sessions of people">
          {time('idleTimeout')}
          {time('absoluteTimeout')}
        </fieldset>
      </Card>
      <Card title="Sessions of admins in this panel" line>
        <fieldset class="settings-fields" aria-label="Sessions of admins in this panel">
          {time('adminIdleTimeout')}
          {time('adminAbsoluteTimeout')}
        </fieldset>
      </Card>
      <Card title="More" line>
        <div class="settings-fields">
          <Field
            name="sessionLimit"
            label="Live sessions of an account in one app"
            inputmode="numeric"
            required
            maxlength={5}
            value={values.sessionLimit}
            error={errors.sessionLimit}
            hint="When one more starts, the oldest ends."
          />
          <Field
            name="contact"
            label="Whom blocked people ask"
            required
            maxlength={200}
            value={values.contact}
            error={errors.contact}
            hint="Completes “Contact …” where a block has no message of its own: the IT desk, extension 4100."
          />
          <Field
            name="sessionDays"
            label="Days that ended sessions are kept"
            optional
            inputmode="numeric"
            maxlength={5}
            value={values.sessionDays}
            error={errors.sessionDays}
            hint="Empty: for good. What ended longer ago leaves the lists; what was done stays in the audit log."
          />
          <Field
            name="auditDays"
            label="Days that the audit log is kept"
            optional
            inputmode="numeric"
            maxlength={5}
            value={values.auditDays}
            error={errors.auditDays}
            hint="Empty: for good. What is older is removed from its beginning; the rest of its chain still verifies."
          />
          <Select
            name="maskForViewers"
            label="Mask IP addresses and names for viewers"
            value={values.maskForViewers}
            error={errors.maskForViewers}
            options={[
              { value: 'off', label: 'Off: viewers see them in full' },
              { value: 'on', label: 'On: 203.0.113.x, A. L., a***@example.com' },
            ]}
            hint="Everywhere in the panel and in its exports, and viewers can’t search by them. Responders, owners and API keys see everything."
          />
        </div>
      </Card>
      <div class="settings-foot">
        <p class="muted">Changes hold at once, for open sessions too.</p>
        <Button variant="primary" size="large">
          Save settings
        </Button>
      </div>
    </form>
  )
}

interface TimeFieldProps {
  name: Timeout
  present: number
  values: PolicyValues
  error: string | undefined
  fixedBy: string | undefined
}

/** Above what is safe, it says what that means. */
function TimeField({ name, present, values, error, fixedBy }: TimeFieldProps) {
  const { label, risk } = TIMES[name]
  const safe = durationText(RECOMMENDED[name])
  const above = present > RECOMMENDED[name]
  const hint = fixedBy
    ? `${fixedBy} in the environment decides this.`
    : above
      ? `Above ${safe}: ${risk}`
      : `${safe} is usual.`
  return (
    <DurationField
      {...{ name, label, hint, error }}
      value={values[name]}
      unit={values[`${name}Unit`]}
      warn={above && !fixedBy}
      required
      fixed={fixedBy !== undefined}
    />
  )
}

const WHO: Record<Timeout, string> = {
  idleTimeout: 'People, not used for',
  absoluteTimeout: 'People, in any case after',
  adminIdleTimeout: 'Admins, not used for',
  adminAbsoluteTimeout: 'Admins, in any case after',
}

const KEPT = { auditDays: 'The audit log', sessionDays: 'Ended sessions' } as const
const isKept = (name: PolicyRisk): name is keyof typeof KEPT => name in KEPT

function Risks({ values, risks, error }: { values: PolicyValues; risks: PolicyRisk[]; error: string | undefined }) {
  const what = risks.every(isKept) ? 'deletes for good' : risks.some(isKept) ? 'wants a yes' : 'is longer than is safe'
  return (
    <Notice tone="amber" icon="triangle-alert" title={`This ${what}. Nothing was changed yet`}>
      <ul class="risk-lines">
        {risks.map((name) =>
          isKept(name) ? (
            <li>
              {KEPT[name]}: what is older than {countText(Number(values[name]), 'day')} is deleted within the hour, and
              can’t be brought back. Export it first if anybody may ask for it.
            </li>
          ) : (
            <li>
              {WHO[name]} {values[name]} {values[`${name}Unit`]} (usual: {durationText(RECOMMENDED[name])}):{' '}
              {TIMES[name].risk}
            </li>
          ),
        )}
      </ul>
      <Checkbox name="accept_risk" label="We accept this" />
      {error && <FieldError>{error}</FieldError>}
    </Notice>
  )
}
