import type { App } from '../../src/accounts/apps/apps.js'
import type { DisableErrors, DisableValues } from '../../src/admin/appsActs.js'
import type { KillPreview } from '../../src/sessions/killSwitch.js'
import { ButtonLink } from '../components/Button.js'
import { DialogContent, DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import { inDialog, type Page } from '../components/page.js'
import { boundText } from '../components/receiptWords.js'
import { EmptyState } from '../components/States.js'
import { TypedName, TypedNumber } from '../components/TypedToConfirm.js'
import { Layout } from '../layout.js'
import { countText } from '../words.js'
import { AppActHeading } from './actHeading.js'
import { counted } from './killSwitch.js'

interface DisableAppProps {
  page: Page
  app: App
  preview: KillPreview
  values: DisableValues
  errors: DisableErrors
  /** Up to so many sessions need no typing. */
  typedAbove: number
  /** Within this it holds everywhere, ms. */
  boundMs: number
}

/** "Disable Shop?": what ends, and that nobody comes back in. */
export function DisableAppPage({ page, app, preview, values, errors, typedAbove, boundMs }: DisableAppProps) {
  const path = `/admin/apps/${app.id}`
  const { sessions, people, atLeast } = preview
  return (
    <Layout page={page} nav="apps" title={`Disable ${app.name}`} heading={<AppActHeading app={app} title="Disable" />}>
      <DialogForm
        title={`Disable ${app.name}?`}
        lead={
          <>
            Ends <strong>{counted(sessions, atLeast, 'session')}</strong> of{' '}
            <strong>{counted(people, atLeast, 'person', 'people')}</strong>, refused everywhere from their next request
            on, at the latest {boundText(boundMs)} from now. Nobody signs in to it until it is enabled again; its keys
            go on, and get that answer.
          </>
        }
        action={`${path}/disable`}
        cancel={path}
        submit={{ text: 'Disable app', variant: 'danger-solid', icon: 'power' }}
        hidden={{ previewed: String(sessions) }}
      >
        <Field
          name="reason"
          label="Reason"
          required
          maxlength={500}
          autocomplete="off"
          value={values.reason}
          error={errors.reason}
          hint="For the audit log; people are not told."
        />
        {sessions > typedAbove && <TypedNumber number={sessions} value={values.typed} error={errors.typed} />}
      </DialogForm>
    </Layout>
  )
}

/** "Enable Shop again?" */
export function EnableAppPage({ page, app }: { page: Page; app: App }) {
  const path = `/admin/apps/${app.id}`
  return (
    <Layout page={page} nav="apps" title={`Enable ${app.name}`} heading={<AppActHeading app={app} title="Enable" />}>
      <DialogForm
        title={`Enable ${app.name} again?`}
        lead="People can sign in to it again. What ended stays ended."
        action={`${path}/enable`}
        cancel={path}
        submit={{ text: 'Enable app', variant: 'primary', icon: 'power' }}
      >
        <Field name="reason" label="Reason" optional maxlength={500} autocomplete="off" hint="For the audit log." />
      </DialogForm>
    </Layout>
  )
}

interface DeleteAppProps {
  page: Page
  app: App
  /** Of keys that are not revoked. */
  keys: number
  hosts: string[]
  /** Sessions that ended and are kept. */
  ended: number
  /** How long ended sessions are kept; null: for good. */
  sessionDays: number | null
  typed: string | undefined
  problem: string | undefined
}

/** "Delete Shop?": what goes, and what stays. */
export function DeleteAppPage({ page, app, keys, hosts, ended, sessionDays, typed, problem }: DeleteAppProps) {
  const path = `/admin/apps/${app.id}`
  return (
    <Layout page={page} nav="apps" title={`Delete ${app.name}`} heading={<AppActHeading app={app} title="Delete" />}>
      {app.disabledAt ? (
        <DialogForm
          title={`Delete ${app.name}?`}
          lead="There is no way back."
          action={`${path}/delete`}
          cancel={path}
          submit={{ text: 'Delete app', variant: 'danger-solid', icon: 'trash-2' }}
        >
          <ul class="bullets">
            <li>
              {keys === 0
                ? 'It has no key that works.'
                : `${countText(keys, 'key')} of it ${keys === 1 ? 'stops' : 'stop'} working now.`}
              {hosts.length > 0 && ` Nobody is let in to ${hosts.join(', ')} any more.`}
            </li>
            <li>
              {ended === 0
                ? 'It has no ended sessions.'
                : `Its ${countText(ended, 'ended session')} ${ended === 1 ? 'stays' : 'stay'} listed under its name${sessionDays === null ? '' : `, for ${countText(sessionDays, 'day')} after each ended`}.`}{' '}
              What its store keeps goes as it runs out.
            </li>
            <li>The audit log keeps every line about it. Its name is free for another app.</li>
          </ul>
          <TypedName name={app.name} value={typed} error={problem} />
        </DialogForm>
      ) : (
        <DisableFirst path={path} />
      )}
    </Layout>
  )
}

function DisableFirst({ path }: { path: string }) {
  return (
    <div class="dialog-page">
      <DialogContent>
        <EmptyState
          icon="trash-2"
          title="Disable it first"
          actions={
            <>
              <ButtonLink href={path}>Back to the app</ButtonLink>
              <ButtonLink variant="danger" icon="power" {...inDialog(`${path}/disable`)}>
                Disable…
              </ButtonLink>
            </>
          }
        >
          Only an app that is disabled, and so has no session left, can be deleted.
        </EmptyState>
      </DialogContent>
    </div>
  )
}
