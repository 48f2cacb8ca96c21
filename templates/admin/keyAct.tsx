import type { Child, PropsWithChildren } from 'hono/jsx'
import type { ApiKey } from '../../src/accounts/types.js'
import { Notice } from '../components/Card.js'
import { DialogForm, type DialogProps } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'

interface KeyActProps {
  page: Page
  apiKey: ApiKey
  act: 'Change' | 'Replace'
  lead: Child
  submit: DialogProps['submit']
  /** Of the whole, not of one field. */
  error: string | undefined
}

/** "Replace the key Billing, production?" below its app. Its children are the fields. */
export function KeyActPage({ page, apiKey: key, act, lead, submit, error, children }: PropsWithChildren<KeyActProps>) {
  const title = `${act} ${key.name}`
  const app = `/admin/apps/${key.app.id}`
  return (
    <Layout
      page={page}
      nav="apps"
      title={title}
      heading={<ActHeading from={[{ href: app, text: key.app.name }]} title={title} />}
    >
      <DialogForm
        title={`${act} the key ${key.name}?`}
        lead={lead}
        action={`/admin/settings/keys/${key.id}/${act.toLowerCase()}`}
        cancel={app}
        submit={submit}
      >
        {error && (
          <Notice tone="red" icon="circle-alert">
            {error}
          </Notice>
        )}
        {children}
      </DialogForm>
    </Layout>
  )
}
