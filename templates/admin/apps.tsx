import type { App } from '../../src/accounts/apps/apps.js'
import type { AppProcessSeen } from '../../src/sessions/log/followers.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { IconTile } from '../components/Icon.js'
import { type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Layout } from '../layout.js'
import { countText, numberText } from '../words.js'
import { INTEGRATION_TEXTS } from './appWords.js'

interface AppRow {
  app: App
  /** Rollcall itself. */
  builtIn: boolean
  live: number
  processes: AppProcessSeen[]
}

/** "Apps": what asks Rollcall. */
export function AppsPage({ page, rows }: { page: Page; rows: AppRow[] }) {
  const others = rows.some(({ builtIn }) => !builtIn)
  return (
    <Layout
      page={page}
      nav="apps"
      title="Apps"
      help="apps"
      subtitle="What asks Rollcall whether a session is good."
      actions={<AddButton />}
      refresh={page.path}
    >
      <Table rows={rows} />
      {!others && (
        <div class="card">
          <EmptyState icon="app-window" title="No app yet" actions={<AddButton />}>
            Add one: it gets a key and lines to copy for Express, Hono, other Node apps, nginx, Caddy or plain HTTP.
          </EmptyState>
        </div>
      )}
    </Layout>
  )
}

function AddButton() {
  const { can } = usePage()
  if (!can.own) return null
  return (
    <ButtonLink variant="primary" icon="plus" href="/admin/apps/new">
      Add an app
    </ButtonLink>
  )
}

function Table({ rows }: { rows: AppRow[] }) {
  return (
    <div class="table-card">
      <table class="table apps-table" data-rows="links" data-cards>
        <caption class="visually-hidden">Apps</caption>
        <thead>
          <tr>
            <th scope="col">App</th>
            <th scope="col">State</th>
            <th scope="col">Live sessions</th>
            <th scope="col">Processes</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row {...row} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ app, builtIn, live, processes }: AppRow) {
  const silent = processes.filter(({ leaseLeftMs }) => leaseLeftMs === 0).length
  return (
    <tr id={`a-${app.id}`} data-row>
      <th scope="row" class="k-name">
        <span class="app-name">
          <IconTile name={app.icon} size={26} />
          <span class="cell-two">
            <a class="clip" dir="auto" href={`/admin/apps/${app.id}`} data-row-link>
              {app.name}
            </a>
            <span>{builtIn ? 'Rollcall itself' : app.integration && INTEGRATION_TEXTS[app.integration].name}</span>
          </span>
        </span>
      </th>
      <td data-label="State">
        <span class="scopes">
          <AppState app={app} />
        </span>
      </td>
      <td data-label="Live sessions">
        <a class="link" href={`/admin/sessions?app=${app.id}`}>
          {numberText(live)}
          <span class="visually-hidden"> live sessions of {app.name}</span>
        </a>
      </td>
      <td data-label="Processes">
        {builtIn ? (
          <span class="muted">Its own nodes</span>
        ) : processes.length === 0 ? (
          <span class="muted">None follows</span>
        ) : silent > 0 ? (
          <Badge tone="amber">
            {silent} of {countText(processes.length, 'process', 'processes')} silent
          </Badge>
        ) : (
          <Badge tone="green">{countText(processes.length, 'process', 'processes')}</Badge>
        )}
      </td>
    </tr>
  )
}

/** Whether it is on, and what of its policy is a risk. */
export function AppState({ app }: { app: App }) {
  return (
    <>
      {app.disabledAt ? <Badge tone="red">Disabled</Badge> : <Badge tone="green">Enabled</Badge>}
      {app.onUnavailable === 'allow-cached' && <Badge tone="amber">allow-cached</Badge>}
    </>
  )
}
