import { Card, Notice } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import type { Page } from '../components/page.js'
import { SettingsFrame } from './settingsFrame.js'

interface About {
  version: string
  node: string
  database: { kind: 'pglite' | 'postgres'; version: string }
  places: { credit: string; url: string | null }
  publicUrl: string | null
  trustedProxies: string[]
}

export function SettingsAboutPage({ page, about }: { page: Page; about: About }) {
  const { database, places } = about
  const embedded = database.kind === 'pglite'
  return (
    <SettingsFrame page={page} tab="about" title="About">
      <div class="settings-column">
        {embedded && (
          <Notice tone="amber" icon="info" title="This Rollcall runs on its embedded database">
            <p>
              One process uses it, and it does not wait for the disk: a power cut may cost the last seconds. For more
              than a trial or one small machine, set DATABASE_URL to a PostgreSQL.
            </p>
          </Notice>
        )}
        <Card title="This Rollcall" line>
          <Facts
            facts={[
              ['Version', about.version],
              ['Node.js', about.node],
              ['Database', `${embedded ? 'Embedded (PGlite)' : 'PostgreSQL'} ${database.version}`],
              ['Address', about.publicUrl ?? 'localhost alone (ROLLCALL_PUBLIC_URL is not set)'],
              [
                'Proxies',
                about.trustedProxies.length > 0 ? (
                  <span class="mono wrap">{about.trustedProxies.join(', ')}</span>
                ) : (
                  'None is trusted'
                ),
              ],
              [
                'Places',
                places.url ? (
                  <a class="link" href={places.url}>
                    {places.credit}
                  </a>
                ) : (
                  places.credit
                ),
              ],
            ]}
          />
        </Card>
      </div>
    </SettingsFrame>
  )
}
