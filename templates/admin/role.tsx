import { type Account, ROLES, type Role } from '../../src/accounts/types.js'
import { Notice } from '../components/Card.js'
import { DialogForm } from '../components/Dialog.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { countText, roleText } from '../words.js'
import { AccountActHeading } from './actHeading.js'

interface RoleProps {
  page: Page
  account: Account
  /** Live ones: a change of role ends them. */
  sessions: number
  problem: string | undefined
}

/** "What may Priya Raman do?" */
export function RolePage({ page, account, sessions, problem }: RoleProps) {
  const path = `/admin/accounts/${account.id}`
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Role of ${account.name}`}
      heading={<AccountActHeading account={account} title="Change role" />}
    >
      <DialogForm
        title={`What may ${account.name} do?`}
        lead={
          sessions > 0 ? (
            <>
              A change ends <strong>{countText(sessions, 'session')}</strong> now: they sign in again with the new role.
            </>
          ) : (
            'Takes effect at once. They are not signed in now.'
          )
        }
        action={`${path}/role`}
        cancel={path}
        submit={{ text: 'Change role', variant: 'primary', icon: 'shield' }}
      >
        {problem && (
          <Notice tone="red" icon="circle-alert">
            {problem}
          </Notice>
        )}
        <RoleChoice value={account.role} roles={ROLES} />
      </DialogForm>
    </Layout>
  )
}

const GIVES: Record<Role, string> = {
  person: 'Signs in to apps and sees their own devices. Nothing of this panel.',
  viewer: 'Sees the panel, changes nothing.',
  responder: 'Signs people out, blocks, invites people. Can’t touch owners.',
  owner: 'Everything: roles, settings, API keys.',
}

/** What each role gives, in words, to choose one. */
export function RoleChoice({ value, roles }: { value: Role; roles: readonly Role[] }) {
  return (
    <fieldset class="field">
      <legend>Role</legend>
      <div class="choices">
        {roles.map((role) => (
          <label class="choice">
            <input class="input" type="radio" name="role" value={role} checked={role === value} required />
            <span class="cell-two">
              <span class="choice-name">{roleText(role)}</span>
              <span>{GIVES[role]}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
