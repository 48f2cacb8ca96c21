import type { Child, PropsWithChildren } from 'hono/jsx'
import type { Page } from '../components/page.js'
import { Tabs } from '../components/Tabs.js'
import { Layout } from '../layout.js'

interface SettingsFrameProps {
  page: Page
  tab: 'policies' | 'admins' | 'keys' | 'hosts' | 'webhooks' | 'about'
  /** Names the part in the window's title. */
  title: string
  actions?: Child
  refresh?: string
}

/** Settings are six pages under one head. */
export function SettingsFrame({ page, tab, title, actions, refresh, children }: PropsWithChildren<SettingsFrameProps>) {
  return (
    <Layout
      page={page}
      nav="settings"
      title={title}
      heading={<h1>Settings</h1>}
      help="settings"
      subtitle={page.can.own ? 'What holds for everyone.' : 'What holds for everyone. Owners change it.'}
      actions={actions}
      refresh={refresh}
    >
      <Tabs
        label="Settings"
        tabs={[
          { href: '/admin/settings', label: 'Policies', on: tab === 'policies' },
          { href: '/admin/settings/admins', label: 'Admins', on: tab === 'admins' },
          ...(page.can.own
            ? [
                { href: '/admin/settings/keys', label: 'API keys', on: tab === 'keys' },
                { href: '/admin/settings/hosts', label: 'Protected hosts', on: tab === 'hosts' },
                { href: '/admin/settings/webhooks', label: 'Webhooks', on: tab === 'webhooks' },
              ]
            : []),
          { href: '/admin/settings/about', label: 'About', on: tab === 'about' },
        ]}
      />
      {children}
    </Layout>
  )
}
