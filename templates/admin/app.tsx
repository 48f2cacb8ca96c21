import type { App } from '../../src/accounts/apps/apps.js'
import type { ProtectedHost } from '../../src/accounts/apps/protectedHosts.js'
import type { ApiKey, Settings } from '../../src/accounts/types.js'
import type { Arrivals } from '../../src/sessions/lists/arrivals.js'
import type { AppProcessSeen } from '../../src/sessions/log/followers.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { CopyLine, Facts } from '../components/Facts.js'
import { Icon, IconTile } from '../components/Icon.js'
import { hx, inDialog, type Page, usePage } from '../components/page.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { countText, durationText, numberText } from '../words.js'
import { AppProcessesTable } from './aboutFollowers.js'
import { AppKeys } from './appKeys.js'
import { ROLE_TEXTS } from './appPolicy.js'
import { AppState } from './apps.js'
import { INTEGRATION_TEXTS } from './appWords.js'

interface AppProps {
  page: Page
  app: App
  /** Rollcall itself. */
  builtIn: boolean
  settings: Settings
  arrivals: Arrivals
  processes: AppProcessSeen[]
  /** For owners alone. */
  owned: { keys: ApiKey[]; hosts: ProtectedHost[] } | undefined
}

/** One app: how it does, what holds for it, its keys. */
export function AppPage(props: AppProps) {
  const { page, app, builtIn, owned, processes } = props
  return (
    <Layout
      page={page}
      nav="apps"
      title={app.name}
      help="app"
      heading={<Head {...props} />}
      actions={!builtIn && page.can.own && <Actions app={app} />}
      refresh={page.path}
    >
      <div class="settings-wide">
        <State {...props} />
        <div class="app-columns">
          <Overview {...props} />
          <Policy {...props} />
        </div>
        <Health path={page.path} processes={processes} />
        {owned && <AppKeys keys={owned.keys} processes={processes} />}
      </div>
    </Layout>
  )
}

function Head({ app }: AppProps) {
  return (
    <div class="account-head">
      <nav class="crumbs" aria-label="Where this is">
        <a href="/admin/apps">Apps</a>
        <Icon name="chevron-right" />
        <span class="clip" dir="auto" aria-current="page">
          {app.name}
        </span>
      </nav>
      <div class="app-name">
        <IconTile name={app.icon} size={26} />
        <h1>{app.name}</h1>
        <AppState app={app} />
      </div>
    </div>
  )
}

function Actions({ app }: { app: App }) {
  const path = `/admin/apps/${app.id}`
  return (
    <>
      <ButtonLink icon="link" href={`${path}/connect`}>
        Connect
      </ButtonLink>
      <ButtonLink icon="pencil" {...inDialog(`${path}/details`)}>
        Rename
      </ButtonLink>
      {app.disabledAt ? (
        <>
          <ButtonLink icon="power" {...inDialog(`${path}/enable`)}>
            Enable
          </ButtonLink>
          <ButtonLink variant="danger" icon="trash-2" {...inDialog(`${path}/delete`)}>
            Delete
          </ButtonLink>
        </>
      ) : (
        <ButtonLink variant="danger" icon="power" {...inDialog(`${path}/disable`)}>
          Disable
        </ButtonLink>
      )}
    </>
  )
}

/** What wants a look. */
function State({ app, builtIn, arrivals }: AppProps) {
  const { can } = usePage()
  return (
    <>
      {app.disabledAt && (
        <Notice tone="red" icon="power" title="This app is disabled">
          <p>
            Since <Time at={app.disabledAt} />. Its sessions are over, and none starts.
          </p>
        </Notice>
      )}
      {app.onUnavailable === 'allow-cached' && (
        <Notice tone="amber" icon="shield-alert" title="Accepted from memory when cut off">
          <p>
            While its processes reach nobody they go on with what they remember: the guaranteed time does not hold for
            them.
          </p>
        </Notice>
      )}
      {!builtIn && !app.disabledAt && arrivals.live + arrivals.ended === 0 && (
        <Notice icon="clock" title="No session yet">
          <p>
            Nobody has signed in to it so far.{' '}
            {can.own && (
              <a class="link" href={`/admin/apps/${app.id}/connect`}>
                Lines to copy, and the wait for the first one
              </a>
            )}
          </p>
        </Notice>
      )}
    </>
  )
}

function Overview({ app, builtIn, arrivals, owned }: AppProps) {
  const { can } = usePage()
  const hosts = owned?.hosts ?? []
  return (
    <Card title="Overview" line>
      <Facts
        facts={[
          [
            'Live sessions',
            <>
              <a class="link" href={`/admin/sessions?app=${app.id}`}>
                {numberText(arrivals.live)}
              </a>
              {can.own && arrivals.live > 0 && (
                <>
                  {' · '}
                  <a class="link" href={`/admin/kill-switch?app=${app.id}`}>
                    Sign out everyone in it…
                  </a>
                </>
              )}
            </>,
          ],
          ['Newest', arrivals.newest ? <Time at={arrivals.newest.createdAt} /> : 'None'],
          [
            'Asks by',
            builtIn ? 'Rollcall itself' : app.integration ? INTEGRATION_TEXTS[app.integration].name : 'Unknown',
          ],
          ...(hosts.length > 0
            ? [
                [
                  'Hosts',
                  <a class="link mono wrap" href="/admin/settings/hosts">
                    {hosts.map(({ host }) => host).join(', ')}
                  </a>,
                ] satisfies [string, unknown],
              ]
            : []),
          ['Added', <Time at={app.createdAt} />],
          ['Id', <CopyLine text={app.id} what="app id" />],
        ]}
      />
    </Card>
  )
}

function Policy({ app, builtIn, settings }: AppProps) {
  const { can } = usePage()
  const own = (value: unknown) => value !== null && <Badge inline>own</Badge>
  return (
    <Card
      title="Policy"
      line
      aside={
        !builtIn &&
        can.own && (
          <ButtonLink size="small" icon="sliders-horizontal" {...inDialog(`/admin/apps/${app.id}/policy`)}>
            Change policy
          </ButtonLink>
        )
      }
    >
      {builtIn ? (
        <p class="muted">
          Of the panel and of “your devices”, by the{' '}
          <a class="link" href="/admin/settings">
            settings
          </a>
          .
        </p>
      ) : (
        <Facts
          facts={[
            [
              'Not used for',
              <>
                {durationText(app.idleTimeout ?? settings.idleTimeout)} {own(app.idleTimeout)}
              </>,
            ],
            [
              'In any case after',
              <>
                {durationText(app.absoluteTimeout ?? settings.absoluteTimeout)} {own(app.absoluteTimeout)}
              </>,
            ],
            [
              'Of an account',
              <>
                {countText(app.sessionLimit ?? settings.sessionLimit, 'session')} at most {own(app.sessionLimit)}
              </>,
            ],
            ['Who signs in', ROLE_TEXTS[app.role]],
            [
              'When cut off',
              app.onUnavailable === 'deny' ? 'Refuses' : <Badge tone="amber">allow-cached: a risk</Badge>,
            ],
          ]}
        />
      )}
    </Card>
  )
}

/** Its processes. Brought anew every few seconds while somebody looks. */
function Health({ path, processes }: { path: string; processes: AppProcessSeen[] }) {
  return (
    <section
      class="followers"
      id="health"
      {...hx({
        get: path,
        trigger: 'rollcall:beat from:body',
        select: '#health',
        swap: 'outerMorph',
        headers: '{"Rollcall-Background":"1"}',
        sync: 'this:replace',
        'status:4xx': 'swap:none',
        'status:5xx': 'swap:none',
      })}
    >
      <div class="spread">
        <h2>Processes</h2>
        <span class="secondary">{countText(processes.length, 'process', 'processes')}</span>
      </div>
      {processes.length > 0 ? (
        <AppProcessesTable apps={processes} />
      ) : (
        <div class="card card-body muted">
          None follows now. One that checks its sessions with rollcall/client, Express, Hono or the session store
          appears here with its first check; plain HTTP and proxies need none.
        </div>
      )}
    </section>
  )
}
