import type { Account, Role } from '../../src/accounts/types.js'
import { DialogForm } from '../components/Dialog.js'
import { Field, FieldError } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { RoleChoice } from './role.js'

interface InviteProps {
  page: Page
  values: { email?: string; name?: string; role?: Role }
  errors: { email?: string; name?: string; role?: string }
  /** Those that the viewer may give. */
  roles: readonly Role[]
  /** The account that has the address already. */
  exists?: Account | undefined
}

export function InvitePage({ page, values, errors, roles, exists }: InviteProps) {
  return (
    <Layout
      page={page}
      nav="accounts"
      title="Invite person"
      heading={<ActHeading from={[{ href: '/admin/accounts', text: 'Accounts' }]} title="Invite person" />}
      help="invite"
    >
      <DialogForm
        title="Invite whom?"
        lead="Makes an account and a one-time link with which they choose a password. You send the link; no mail server is needed."
        action="/admin/accounts/invite"
        cancel="/admin/accounts"
        submit={{ text: 'Make the link', variant: 'primary', icon: 'link' }}
      >
        <Field
          name="email"
          label="E-mail address"
          inputmode="email"
          required
          maxlength={254}
          autocomplete="off"
          value={values.email}
          error={errors.email}
          aside={
            exists && (
              <a class="link" href={`/admin/accounts/${exists.id}`}>
                Open {exists.name}
              </a>
            )
          }
        />
        <Field
          name="name"
          label="Name"
          required
          maxlength={200}
          autocomplete="off"
          value={values.name}
          error={errors.name}
        />
        {roles.length > 1 ? (
          <RoleChoice value={values.role ?? 'person'} roles={roles} />
        ) : (
          <p class="field-hint">
            They get the role Person: their own devices, nothing of this panel. Owners give other roles.
          </p>
        )}
        {errors.role && <FieldError>{errors.role}</FieldError>}
      </DialogForm>
    </Layout>
  )
}
