import type { App } from '../../src/accounts/apps/apps.js'
import type { ApiKey } from '../../src/accounts/types.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { countText } from '../words.js'
import { rateText } from './keyRateField.js'
import { SettingsFrame } from './settingsFrame.js'

export function KeysPage({ page, keys, apps }: { page: Page; keys: ApiKey[]; apps: App[] }) {
  return (
    <SettingsFrame page={page} tab="keys" title="API keys" actions={<NewKeyButton />}>
      <p class="muted">
        A key belongs to one app and sees that app’s sessions alone, unless its scope is admin. With accounts:write,
        blocks:write or audit:read it reaches the people, or the log, of all apps. {countText(apps.length, 'app')}:{' '}
        {apps.map((app) => app.name).join(', ')}.
      </p>
      {keys.length > 0 ? <Table keys={keys} /> : <Nothing />}
    </SettingsFrame>
  )
}

function NewKeyButton() {
  return (
    <ButtonLink variant="primary" icon="plus" {...inDialog('/admin/settings/keys/new')}>
      New key
    </ButtonLink>
  )
}

function Nothing() {
  return (
    <div class="card">
      <EmptyState icon="key-round" title="No keys yet" actions={<NewKeyButton />}>
        With a key, an app or a script checks sessions, signs people out and blocks them over the API.{' '}
        <a class="link" href="/api/v1/problems">
          What it may answer
        </a>
      </EmptyState>
    </div>
  )
}

function Table({ keys }: { keys: ApiKey[] }) {
  return (
    <div class="table-card">
      <table class="table keys-table" data-cards>
        <caption class="visually-hidden">API keys</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">App</th>
            <th scope="col">May</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <Row apiKey={key} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ apiKey: key }: { apiKey: ApiKey }) {
  const { now } = usePage()
  const { usable, expired } = keyEnd(key, now)
  const rate = rateText(key.requestsPerMinute)
  return (
    <tr id={`k-${key.id}`} data-state={usable ? undefined : 'ended'}>
      <th scope="row" class="k-name">
        <div class="cell-two">
          <span class="clip" dir="auto">
            {key.name}
          </span>
          <span class="mono">rck_…{key.hint}</span>
        </div>
      </th>
      <td data-label="App">
        <a class="clip" dir="auto" href={`/admin/apps/${key.app.id}`}>
          {key.app.name}
        </a>
      </td>
      <td data-label="May">
        <span class="scopes">
          {key.scopes.map((scope) => (
            <Badge {...(scope === 'admin' ? { tone: 'amber' } : {})} inline>
              {scope}
            </Badge>
          ))}
        </span>
        {rate && <div class="muted">{rate}</div>}
      </td>
      <td data-label="Last used">{key.lastUsedAt ? <Time at={key.lastUsedAt} /> : <span class="muted">Never</span>}</td>
      <td data-label="Expires">
        <KeyExpiry apiKey={key} expired={expired} />
      </td>
      <td class="end">{usable && <KeyActs apiKey={key} />}</td>
    </tr>
  )
}

/** What is done to a key that works. Names repeat while one is being replaced: the last characters tell them apart. */
export function KeyActs({ apiKey: { id, name, hint } }: { apiKey: ApiKey }) {
  return (
    <span class="key-acts">
      {['Change', 'Replace', 'Revoke'].map((act) => (
        <ButtonLink size="small" {...inDialog(`/admin/settings/keys/${id}/${act.toLowerCase()}`)}>
          {act}
          <span class="visually-hidden">
            {' '}
            {name} rck_…{hint}
          </span>
        </ButtonLink>
      ))}
    </span>
  )
}

/** Whether a key works, and if not why. */
export function keyEnd({ expiresAt, revokedAt }: ApiKey, now: Date): { usable: boolean; expired: boolean } {
  const expired = expiresAt !== null && expiresAt <= now
  return { usable: !revokedAt && !expired, expired }
}

export function KeyExpiry({ apiKey: { revokedAt, expiresAt }, expired }: { apiKey: ApiKey; expired: boolean }) {
  if (revokedAt) {
    return (
      <Badge tone="red">
        Revoked <Time at={revokedAt} />
      </Badge>
    )
  }
  if (!expiresAt) return <span class="muted">Never</span>
  return expired ? <Badge>Expired</Badge> : <Time at={expiresAt} />
}
