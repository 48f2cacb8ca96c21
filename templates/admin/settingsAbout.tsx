import type { FollowersSeen } from '../../src/sessions/log/followers.js'
import { Card, Notice } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import type { Page } from '../components/page.js'
import { boundText } from '../components/receiptWords.js'
import { Followers } from './aboutFollowers.js'
import { SettingsFrame } from './settingsFrame.js'

interface About {
  version: string
  node: string
  database: { kind: 'pglite' | 'postgres'; version: string }
  places: { credit: string; url: string | null }
  publicUrl: string | null
  trustedProxies: string[]
  /** Of this node. */
  leaseMs: number
}

interface SettingsAboutProps {
  page: Page
  about: About
  followers: FollowersSeen
  /** The node that answers. */
  here: string
}

export function SettingsAboutPage({ page, about, followers, here }: SettingsAboutProps) {
  const { database, places } = about
  const embedded = database.kind === 'pglite'
  return (
    <SettingsFrame page={page} tab="about" title="About">
      <div class="settings-wide">
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
              ['Guaranteed', guaranteeText(about, followers)],
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
      <Followers followers={followers} here={here} />
    </SettingsFrame>
  )
}

/** The longest lease of any: each process is held to its own. */
function guaranteeText({ leaseMs }: About, { nodes, apps }: FollowersSeen): string {
  const longest = Math.max(leaseMs, ...[...nodes, ...apps].map((one) => one.leaseMs))
  const except = apps.some(({ allowsCached }) => allowsCached) ? ', but not by processes with allow-cached' : ''
  return `What is ended is refused everywhere within ${boundText(longest)}${except}`
}
