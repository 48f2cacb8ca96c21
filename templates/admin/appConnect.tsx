import type { App } from '../../src/accounts/apps/apps.js'
import type { ProtectedHost } from '../../src/accounts/apps/protectedHosts.js'
import { INTEGRATIONS, type Integration } from '../../src/accounts/types.js'
import type { Snippet as Lines } from '../../src/admin/snippets.js'
import type { Arrivals } from '../../src/sessions/lists/arrivals.js'
import { VERSION } from '../../src/version.js'
import { ButtonLink } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import type { Page } from '../components/page.js'
import { Snippet } from '../components/Snippet.js'
import { Tabs } from '../components/Tabs.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { FirstSession, hasArrived } from './appFirstSession.js'
import { AppSteps, IN_USE } from './appSteps.js'
import { INTEGRATION_TEXTS } from './appWords.js'
import { SecretField } from './secretField.js'

interface ConnectProps {
  page: Page
  app: App
  integration: Integration
  /** The key, right after it was made. */
  secret: string | undefined
  snippets: Lines[]
  /** Of an app behind a proxy. */
  hosts: ProtectedHost[]
  arrivals: Arrivals
  /** Some proxy is believed at all. */
  trusted: boolean
}

/** What the lines import beside ours. */
const PACKAGES: Partial<Record<Integration, string>> = {
  express: 'express',
  'express-session': 'express express-session',
  hono: 'hono @hono/node-server',
  node: '',
}

/** Steps two and three: the key with the lines to copy, and the wait for the first session. */
export function ConnectPage(props: ConnectProps) {
  const { page, app, integration, secret, snippets, arrivals } = props
  const path = `/admin/apps/${app.id}`
  const needs = PACKAGES[integration]
  const from = [
    { href: '/admin/apps', text: 'Apps' },
    { href: path, text: app.name },
  ]
  return (
    <Layout
      page={page}
      nav="apps"
      title={`Connect ${app.name}`}
      help="apps"
      heading={<ActHeading from={from} title="Connect" />}
    >
      <AppSteps at={hasArrived(arrivals) ? IN_USE : secret ? 2 : 3} />
      {!secret && (
        <Tabs
          label="How it asks"
          tabs={INTEGRATIONS.map((one) => ({
            href: `${path}/connect?with=${one}`,
            label: INTEGRATION_TEXTS[one].name,
            on: one === integration,
          }))}
        />
      )}
      <div class="settings-column app-connect">
        {integration === 'proxy' ? <HostCard {...props} /> : <Key secret={secret} path={path} />}
        <Card title="The lines to copy" line>
          <div class="stack">
            {needs !== undefined && (
              <p class="muted">
                First the packages: <span class="mono">npm run pack:client -- DIR</span> in a clone of Rollcall, then{' '}
                <span class="mono wrap">{`npm install DIR/rollcall-${VERSION}.tgz ${needs}`.trimEnd()}</span> in your
                app.
              </p>
            )}
            {snippets.map(({ title, text }) => (
              <section class="stack">
                <h3>{title}</h3>
                <Snippet text={text} what={title.toLowerCase().startsWith('in ') ? 'lines' : `lines: ${title}`} />
              </section>
            ))}
          </div>
        </Card>
        <FirstSession app={app} arrivals={arrivals} />
        <div class="act-foot">
          <ButtonLink href={path} size="large" variant="primary">
            Go to {app.name}
          </ButtonLink>
        </div>
      </div>
    </Layout>
  )
}

function Key({ secret, path }: { secret: string | undefined; path: string }) {
  return (
    <Card title="Its key" line>
      {secret ? (
        <SecretField
          id="secret"
          label="ROLLCALL_KEY"
          text={secret}
          what="key"
          hint="Shown this once: it can’t be looked up later. Put it into the environment of the app."
        />
      ) : (
        <p class="muted">
          It was shown once. If it is lost, replace it on{' '}
          <a class="link" href={`${path}#app-keys`}>
            the page of the app
          </a>
          ; the lines read it from the environment, as ROLLCALL_KEY.
        </p>
      )}
    </Card>
  )
}

function HostCard({ hosts, trusted }: ConnectProps) {
  return (
    <>
      {!trusted && (
        <Notice tone="amber" icon="triangle-alert" title="No proxy is believed yet">
          <p class="muted">
            Start Rollcall with ROLLCALL_TRUSTED_PROXIES set to the address that the proxy connects from. Until then
            everything is refused.
          </p>
        </Notice>
      )}
      <Card title="Its host" line>
        <p class="muted">
          {hosts.length > 0 ? (
            <>
              <span class="mono wrap">{hosts.map(({ host }) => host).join(', ')}</span> lets in whoever its rules say. A
              proxy asks without a key.
            </>
          ) : (
            'No host of this app is protected yet: add one under Settings, Protected hosts.'
          )}
        </p>
      </Card>
    </>
  )
}
