import type { AccountSummary } from '../../src/accounts/types.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { Person } from '../components/Person.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { Time } from '../components/Time.js'
import { roleText } from '../words.js'
import { StatusBadge } from './accounts.js'
import { SettingsFrame } from './settingsFrame.js'

/** Everyone with a role in the panel. */
export function SettingsAdminsPage({ page, admins }: { page: Page; admins: AccountSummary[] }) {
  return (
    <SettingsFrame
      page={page}
      tab="admins"
      title="Admins"
      refresh="/admin/settings/admins"
      actions={page.can.own && <InviteButton />}
    >
      <p class="muted">
        Viewers see the panel. Responders sign people out and block. Owners do everything, and one owner always remains.
      </p>
      <div class="table-card">
        <table class="table admins-table" data-rows="links" data-cards>
          <caption class="visually-hidden">Admins</caption>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Role</th>
              <th scope="col">Status</th>
              <th scope="col">Last seen</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {admins.map((admin) => (
              <Row admin={admin} />
            ))}
          </tbody>
        </table>
      </div>
      {page.can.own && (
        <p class="secondary">
          To make somebody an admin, open their{' '}
          <a class="link" href="/admin/accounts">
            account
          </a>{' '}
          and change the role, or invite them with one.
        </p>
      )}
    </SettingsFrame>
  )
}

function InviteButton() {
  return (
    <ButtonLink variant="primary" icon="user-plus" {...inDialog('/admin/accounts/invite')}>
      Invite person
    </ButtonLink>
  )
}

function Row({ admin }: { admin: AccountSummary }) {
  const { viewer, can } = usePage()
  const you = viewer?.accountId === admin.id
  return (
    <tr id={`a-${admin.id}`} data-row>
      <th scope="row" class="a-person">
        <Person
          name={admin.name}
          email={admin.email}
          you={you}
          link={{ href: `/admin/accounts/${admin.id}`, 'data-row-link': '' }}
          after={
            you && (
              <Badge tone="indigo" inline>
                This is you
              </Badge>
            )
          }
        />
      </th>
      <td data-label="Role">{roleText(admin.role)}</td>
      <td data-label="Status">
        <StatusBadge account={admin} />
      </td>
      <td data-label="Last seen">
        {admin.lastSeenAt ? <Time at={admin.lastSeenAt} /> : <span class="muted">Never</span>}
      </td>
      <td class="end">
        {can.own && !you && (
          <ButtonLink size="small" {...inDialog(`/admin/accounts/${admin.id}/role`)}>
            Change role<span class="visually-hidden"> of {admin.name}</span>
          </ButtonLink>
        )}
      </td>
    </tr>
  )
}
