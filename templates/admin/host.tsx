import type { App } from '../../src/accounts/apps/apps.js'
import { NEEDS } from '../../src/accounts/apps/hostRules.js'
import type { ProtectedHost } from '../../src/accounts/apps/protectedHosts.js'
import type { HostErrors, HostValues } from '../../src/admin/settingsHosts.js'
import { DialogForm } from '../components/Dialog.js'
import { Field, Select, TextArea } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { AppField } from './appField.js'
import { neededText } from './hosts.js'

interface HostProps {
  page: Page
  /** The one that is changed; a new one when undefined. */
  before: ProtectedHost | undefined
  apps: App[]
  values: HostValues
  errors: HostErrors
}

/** "Protect which host?" */
export function HostPage({ page, before, apps, values, errors }: HostProps) {
  const title = before ? `Change ${before.host}` : 'Protect a host'
  return (
    <Layout
      page={page}
      nav="settings"
      title={title}
      heading={<ActHeading from={[{ href: '/admin/settings/hosts', text: 'Protected hosts' }]} title={title} />}
    >
      <DialogForm
        title={before ? `Who is let in to ${before.host}?` : 'Protect which host?'}
        lead="A reverse proxy in front of it asks Rollcall before each request."
        action={before ? `/admin/settings/hosts/${before.id}` : '/admin/settings/hosts'}
        cancel="/admin/settings/hosts"
        submit={{ text: before ? 'Save' : 'Protect the host', variant: 'primary', icon: 'globe' }}
        hidden={values.shown ? { shown: values.shown } : {}}
      >
        <Field
          name="host"
          label="Host"
          required
          maxlength={300}
          autocomplete="off"
          spellcheck={false}
          placeholder="wiki.example.com"
          hint="As it stands in the browser, without https://. *.example.com stands for all with one label more; a host that is listed by its name goes by its own rules."
          value={values.host}
          error={errors.host}
        />
        <AppField apps={apps} values={values} errors={errors} placeholder="Wiki" />
        <Select
          name="role"
          label="Lets in"
          value={values.role}
          error={errors.role}
          options={NEEDS.map((role) => ({ value: role, label: sentence(neededText(role)) }))}
        />
        <TextArea
          name="rules"
          label="Except for these paths"
          optional
          rows={4}
          spellcheck={false}
          placeholder={'/admin owner\n/public anyone'}
          hint={`One a line, with all below it: a path and one of ${NEEDS.join(', ')}`}
          value={values.rules}
          error={errors.rules}
        />
      </DialogForm>
    </Layout>
  )
}

const sentence = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
