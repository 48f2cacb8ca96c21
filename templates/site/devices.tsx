import { deviceText } from '../../src/devices/words.js'
import type { Session } from '../../src/sessions/types.js'
import { Badge, Dot } from '../components/Badge.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { DialogForm } from '../components/Dialog.js'
import { BrowserMark, deviceIcon, Icon } from '../components/Icon.js'
import { Pager } from '../components/Pager.js'
import { PlaceName } from '../components/Place.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { SiteLayout } from '../layout.js'
import { absoluteText, countText } from '../words.js'
import { agoText, withMethod } from './words.js'

interface DevicesProps {
  page: Page
  here: Session
  others: Session[]
  /** Of all pages, this device included. */
  count: number
  newer: string | null
  older: string | null
}

export function DevicesPage({ page, here, others, count, newer, older }: DevicesProps) {
  return (
    <SiteLayout
      page={page}
      title="Your devices"
      nav="devices"
      subtitle={`Where you are signed in, ${countText(count, 'device')}.`}
      actions={count > 1 && <SignOutOthers />}
      refresh={page.path}
    >
      <ul class="stack">
        <DeviceCard session={here} here />
        {others.map((session) => (
          <DeviceCard session={session} />
        ))}
      </ul>
      <Pager newer={newer && `/account/sessions?before=${newer}`} older={older && `/account/sessions?after=${older}`} />
      <p class="site-foot">
        <Icon name="shield-check" />
        Signing a device out takes effect at once. It can sign in again with your password.
      </p>
      <Credit />
    </SiteLayout>
  )
}

function SignOutOthers() {
  return (
    <ButtonLink icon="log-out" {...inDialog('/account/sessions/revoke-others')}>
      Sign out all other devices
    </ButtonLink>
  )
}

function DeviceCard({ session, here }: { session: Session; here?: boolean }) {
  const { device, id } = session
  const name = plainDevice(session)
  return (
    <li class="card device-card" id={`d-${id}`}>
      <span class="device-icon">
        <Icon name={deviceIcon(device.type)} />
        <span class="mark-badge">
          <BrowserMark browser={device.browser} />
        </span>
      </span>
      <div>
        <h2 class="device-title">
          <span class="wrap" title={deviceText(device)}>
            {name}
          </span>
          {here && <Badge tone="indigo">This device</Badge>}
        </h2>
        <p class="device-line">
          <PlaceName place={session.lastPlace} />
          <span aria-hidden="true">·</span>
          <Active at={session.lastSeenAt} here={here} />
        </p>
        <p class="secondary wrap">
          Signed in <Ago at={session.createdAt} /> {withMethod(session.method)}, for {session.app.name}.
        </p>
      </div>
      <div class="row device-acts">
        {!here && (
          <PostButton
            action={`/account/sessions/${id}/revoke`}
            hidden={{ why: 'not-recognised' }}
            variant="ghost"
            aria-label={`I don’t recognise this: ${name}`}
          >
            I don’t recognise this
          </PostButton>
        )}
        <PostButton
          action={`/account/sessions/${id}/revoke`}
          aria-label={here ? 'Sign out this device' : `Sign out ${name}`}
        >
          Sign out
        </PostButton>
      </div>
    </li>
  )
}

/** "Chrome on Windows", "Safari on iPhone": versions and type numbers such as SM-A556B matter to administrators. */
function plainDevice({ device }: Session): string {
  const thing = device.model && /^(iPhone|iPad)$/.test(device.model) ? device.model : device.os
  return deviceText({ ...device, browserVersion: null, os: thing })
}

function Active({ at, here }: { at: Date; here: boolean | undefined }) {
  const text = agoText(at, usePage().now)
  if (here || text === 'just now') {
    return (
      <span class="with-mark">
        <Dot tone="green" /> active now
      </span>
    )
  }
  return (
    <span class="muted">
      active <Ago at={at} />
    </span>
  )
}

function Ago({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} title={absoluteText(at, usePage().look.zone)}>
      {agoText(at, usePage().now)}
    </time>
  )
}

/** The licence of the database of places asks for it. */
function Credit() {
  const { placeCredit } = usePage()
  if (!placeCredit) return null
  return (
    <p class="secondary site-credit">
      {placeCredit.includes('DB-IP') ? <a href="https://db-ip.com">{placeCredit}</a> : placeCredit}
    </p>
  )
}

export function SignOutOthersPage({ page, others }: { page: Page; others: number }) {
  return (
    <SiteLayout page={page} title="Sign out all other devices" nav="devices">
      <DialogForm
        title={others === 1 ? 'Sign out one other device?' : `Sign out ${others} other devices?`}
        lead="They are refused from their next click on. This device stays signed in; the others can sign in again with your password."
        action="/account/sessions/revoke-others"
        cancel="/account/sessions"
        submit={{ variant: 'danger-solid', text: 'Sign out all others' }}
      />
    </SiteLayout>
  )
}
