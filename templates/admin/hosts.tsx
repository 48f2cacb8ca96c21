import type { HostRule, Needed } from '../../src/accounts/apps/hostRules.js'
import type { ProtectedHost } from '../../src/accounts/apps/protectedHosts.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { inDialog, type Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { SettingsFrame } from './settingsFrame.js'

interface HostsProps {
  page: Page
  hosts: ProtectedHost[]
  /** Some proxy is believed at all. */
  trusted: boolean
}

/** "Settings, Protected hosts": what a reverse proxy asks `/verify` about. */
export function HostsPage({ page, hosts, trusted }: HostsProps) {
  return (
    <SettingsFrame page={page} tab="hosts" title="Protected hosts" actions={<NewHostButton />}>
      <p class="muted">
        Applications that know nothing of Rollcall: nginx, Caddy or Traefik asks before each request whether it may
        pass. Their sessions are those of the app. A host that is not here lets nobody in.
      </p>
      {!trusted && (
        <Notice tone="amber" icon="triangle-alert" title="No proxy is believed yet">
          <p class="muted">
            Start Rollcall with ROLLCALL_TRUSTED_PROXIES set to the address that the proxy connects from. Until then
            everything is refused.
          </p>
        </Notice>
      )}
      {hosts.length > 0 ? <Table hosts={hosts} /> : <Nothing />}
    </SettingsFrame>
  )
}

function NewHostButton() {
  return (
    <ButtonLink variant="primary" icon="plus" {...inDialog('/admin/settings/hosts/new')}>
      Protect a host
    </ButtonLink>
  )
}

function Nothing() {
  return (
    <div class="card">
      <EmptyState icon="globe" title="No host is protected yet" actions={<NewHostButton />}>
        Add one, then put the lines for your proxy from the README in front of the application.
      </EmptyState>
    </div>
  )
}

function Table({ hosts }: { hosts: ProtectedHost[] }) {
  return (
    <div class="table-card">
      <table class="table hosts-table" data-cards>
        <caption class="visually-hidden">Protected hosts</caption>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">App</th>
            <th scope="col">Lets in</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {hosts.map((host) => (
            <Row host={host} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ host: { id, host, app, role, rules } }: { host: ProtectedHost }) {
  return (
    <tr id={`h-${id}`}>
      <th scope="row" class="k-name">
        <span class="mono clip">{host}</span>
      </th>
      <td data-label="App">
        <a class="clip" href={`/admin/sessions?app=${app.id}`}>
          {app.name}
        </a>
      </td>
      <td data-label="Lets in">
        <span class="scopes">
          <Rule path={rules.length > 0 ? 'else' : undefined} role={role} />
          {rules.map((rule) => (
            <Rule {...rule} />
          ))}
        </span>
      </td>
      <td class="end">
        <ButtonLink size="small" {...inDialog(`/admin/settings/hosts/${id}`)}>
          Change<span class="visually-hidden"> {host}</span>
        </ButtonLink>{' '}
        <ButtonLink size="small" {...inDialog(`/admin/settings/hosts/${id}/remove`)}>
          Remove<span class="visually-hidden"> {host}</span>
        </ButtonLink>
      </td>
    </tr>
  )
}

function Rule({ path, role }: Omit<HostRule, 'path'> & { path: string | undefined }) {
  return (
    <Badge {...(role === 'anyone' ? { tone: 'amber' } : {})} inline>
      {path ? `${path}: ` : ''}
      {neededText(role)}
    </Badge>
  )
}

const TEXTS: Record<Needed, string> = {
  anyone: 'anyone',
  person: 'whoever is signed in',
  viewer: 'viewers and above',
  responder: 'responders and owners',
  owner: 'owners',
}
export const neededText = (role: Needed): string => TEXTS[role]
