import type { ApiKey } from '../../src/accounts/types.js'
import type { AppProcessSeen } from '../../src/sessions/log/followers.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { usePage } from '../components/page.js'
import { Time } from '../components/Time.js'
import { rateText } from './keyRateField.js'
import { KeyActs, KeyExpiry, keyEnd } from './keys.js'

/** The keys of an app, who uses them, and what takes the place of what. */
export function AppKeys({ keys, processes }: { keys: ApiKey[]; processes: AppProcessSeen[] }) {
  return (
    <section class="followers" id="app-keys">
      <div class="spread">
        <h2>API keys</h2>
        <ButtonLink size="small" icon="plus" href="/admin/settings/keys/new">
          New key
        </ButtonLink>
      </div>
      {keys.length === 0 ? (
        <div class="card card-body muted">No key. A proxy asks without one; anything else needs one.</div>
      ) : (
        <div class="table-card">
          <table class="table app-keys-table" data-cards>
            <caption class="visually-hidden">API keys of the app</caption>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Used by</th>
                <th scope="col">Last used</th>
                <th scope="col">Expires</th>
                <th scope="col">
                  <span class="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <Row
                  apiKey={key}
                  successor={keys.find(({ replaces }) => replaces === key.id)}
                  users={processes.filter(({ keyId }) => keyId === key.id)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

interface RowProps {
  apiKey: ApiKey
  /** The key that was made in its place. */
  successor: ApiKey | undefined
  users: AppProcessSeen[]
}

function Row({ apiKey: key, successor, users }: RowProps) {
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
          <span>
            <span class="mono">rck_…{key.hint}</span>
            {rate && ` · ${rate}`}
            {successor && ` · rck_…${successor.hint} takes its place`}
          </span>
        </div>
      </th>
      <td data-label="Used by">
        <Users users={users} replaced={successor !== undefined && usable} />
      </td>
      <td data-label="Last used">{key.lastUsedAt ? <Time at={key.lastUsedAt} /> : <span class="muted">Never</span>}</td>
      <td data-label="Expires">
        <KeyExpiry apiKey={key} expired={expired} />
      </td>
      <td class="end">{usable && <KeyActs apiKey={key} />}</td>
    </tr>
  )
}

/** Of processes that follow, one knows; a script that asks over plain HTTP is in "last used" alone. */
function Users({ users, replaced }: { users: AppProcessSeen[]; replaced: boolean }) {
  if (users.length === 0) return <span class="muted">No process that follows</span>
  const names = users.map(({ name }) => name).join(', ')
  return replaced ? (
    <Badge tone="amber" inline>
      Still {names}
    </Badge>
  ) : (
    <span class="mono wrap">{names}</span>
  )
}
