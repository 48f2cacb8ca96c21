import { networkText, placeText } from '../../src/devices/words.js'
import type { SessionDetail } from '../../src/sessions/types.js'
import { PlaceMap } from '../components/charts.js'
import { CopyLine, Facts } from '../components/Facts.js'
import { BrowserMark, OsMark } from '../components/Icon.js'
import { PlaceName } from '../components/Place.js'
import { usePage } from '../components/page.js'
import { absoluteText, methodText, momentText, sharingText } from '../words.js'

export function DeviceSection({ session }: { session: SessionDetail }) {
  const { now, look } = usePage()
  const { device } = session
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Device</h2>
      </div>
      <Facts
        columns={2}
        facts={[
          [
            'Browser',
            <>
              <BrowserMark browser={device.browser} />
              <span class="clip">{[device.browser ?? 'Unknown', device.browserVersion].filter(Boolean).join(' ')}</span>
            </>,
          ],
          ['Method', <span class="clip">{methodText(session.method)}</span>],
          [
            'System',
            <>
              <OsMark os={device.os} />
              <span class="clip">
                {[[device.os ?? 'Unknown', device.osVersion].filter(Boolean).join(' '), device.model]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </>,
          ],
          ['App', <span class="clip">{session.app.name}</span>],
          [
            'Signed in',
            <span title={absoluteText(session.createdAt, look.zone)}>
              {capital(momentText(session.createdAt, now, look.zone))}
            </span>,
          ],
          [
            'Ends by',
            <span title={absoluteText(session.expiresAt, look.zone)}>
              {capital(momentText(session.expiresAt, now, look.zone))}
            </span>,
          ],
        ]}
      />
    </section>
  )
}

export function NetworkSection({ session }: { session: SessionDetail }) {
  const { now, look } = usePage()
  const place = session.lastIp ? session.lastPlace : session.place
  const pins = session.addresses
    .filter(({ place }) => place.latitude !== null && place.longitude !== null)
    .map(({ place, firstSeenAt }) => ({
      latitude: place.latitude ?? 0,
      longitude: place.longitude ?? 0,
      label: `${placeText(place)}, ${momentText(firstSeenAt, now, look.zone)}`,
    }))
  const here =
    place.latitude !== null && place.longitude !== null
      ? {
          latitude: place.latitude,
          longitude: place.longitude,
          label: `${placeText(place)}, ${session.end ? 'last' : 'now'}`,
        }
      : pins.at(-1)
  const before = here
    ? pins
        .filter((pin) => Math.abs(pin.latitude - here.latitude) + Math.abs(pin.longitude - here.longitude) > 2)
        .slice(-3)
        .reverse()
    : []
  const ip = session.lastIp ?? session.ip
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Network</h2>
      </div>
      {/* Of two columns one is too narrow for an address of IPv6, and for most owners. */}
      <Facts
        facts={[
          ['Address', ip ? <CopyLine text={ip} what="address" /> : 'No address'],
          ['Owner', <span class="clip">{networkText(place) ?? 'Unknown'}</span>],
        ]}
      />
      <Facts
        columns={2}
        facts={[
          ['Place', <PlaceName place={place} />],
          [
            'Also used by',
            session.sharing.accounts > 0 ? (
              <a class="link" href={`/admin/sessions?ip=${encodeURIComponent(ip ?? '')}`}>
                {sharingText(session.sharing)}
              </a>
            ) : (
              'No other account'
            ),
          ],
        ]}
      />
      {here && (
        <div class="sheet-map">
          <PlaceMap now={here} before={before} />
        </div>
      )}
    </section>
  )
}

export function RawSection({ session }: { session: SessionDetail }) {
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Raw values</h2>
      </div>
      <Facts
        facts={[
          ['Session', <CopyLine text={session.id} what="session id" />],
          ['Account', <CopyLine text={session.account.id} what="account id" />],
          ['User agent', session.userAgent ? <CopyLine text={session.userAgent} what="user agent" /> : 'None was sent'],
        ]}
      />
    </section>
  )
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
