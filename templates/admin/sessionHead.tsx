import { countryName } from '../../src/devices/words.js'
import type { Session, SessionDetail } from '../../src/sessions/types.js'
import { Avatar } from '../components/Avatar.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { Icon } from '../components/Icon.js'
import { Menu, MenuButton, MenuLine, MenuLink } from '../components/Menu.js'
import { inDialog, reach, usePage } from '../components/page.js'
import { ReceiptLines, type ReceiptProps } from '../components/Receipt.js'
import { Time } from '../components/Time.js'
import { countText, endText, numberText } from '../words.js'
import { signsOut } from './sessionRow.js'
import { revokeMatchingPath } from './sessionsQuery.js'

/** Whose session it is, and what can be done about it. */
export function SheetHead({ session: { account, others, state }, yours }: { session: SessionDetail; yours: boolean }) {
  const live = others.length + (state === 'live' ? 1 : 0)
  return (
    <div class="sheet-head">
      <Avatar name={account.name} size={40} you={yours} />
      <div class="grow sheet-whose">
        <h1 class="sheet-title" id="session-title" tabindex={-1}>
          <a class="clip" dir="auto" href={`/admin/accounts/${account.id}`}>
            {account.name}
          </a>
          {state === 'live' ? (
            <Badge tone="green">
              <span class="dot" data-tone="green" />
              Live
            </Badge>
          ) : (
            <Badge>Ended</Badge>
          )}
          {yours && <Badge tone="indigo">This is you</Badge>}
          {account.blocked && <Badge tone="red">Blocked</Badge>}
        </h1>
        <p class="sheet-who dotted muted">
          <span class="clip">{account.email ?? 'No e-mail'}</span> <span>{countText(live, 'live session')}</span>
        </p>
      </div>
      <div class="sheet-nav js-only">
        <button
          type="button"
          class="btn"
          data-variant="ghost"
          data-icon-only
          data-drawer-step="-1"
          title="Session above"
        >
          <Icon name="chevron-up" />
          <span class="visually-hidden">Session above</span>
        </button>
        <button
          type="button"
          class="btn"
          data-variant="ghost"
          data-icon-only
          data-drawer-step="1"
          title="Session below"
        >
          <Icon name="chevron-down" />
          <span class="visually-hidden">Session below</span>
        </button>
        <button type="button" class="btn" data-variant="ghost" data-icon-only data-drawer-close title="Close">
          <Icon name="x" />
          <span class="visually-hidden">Close</span>
        </button>
      </div>
    </div>
  )
}

export function SheetActions({ session }: { session: SessionDetail }) {
  const { id, account, others } = session
  const { can } = usePage()
  const may = reach(usePage(), account)
  return (
    <div class="sheet-actions">
      {may.revoke && (
        <PostButton
          variant="primary"
          size="large"
          icon="log-out"
          action={`/admin/sessions/${id}/revoke`}
          form={signsOutHere(id)}
        >
          Sign out
        </PostButton>
      )}
      {may.block && !account.blocked && (
        <ButtonLink
          variant="danger"
          size="large"
          icon="ban"
          {...inDialog(`/admin/accounts/${account.id}/block?session=${id}`)}
        >
          Block account…
        </ButtonLink>
      )}
      <Menu
        id="sheet-more"
        summary={{ class: 'btn', 'data-variant': 'outline', 'data-size': 'large' }}
        trigger={
          <>
            More
            <Icon name="chevron-down" />
          </>
        }
      >
        {may.revoke && others.length > 0 && (
          <MenuLink icon="log-out" {...inDialog(`/admin/accounts/${account.id}/revoke-sessions`)}>
            Sign out all {numberText(others.length + 1)} sessions…
          </MenuLink>
        )}
        {can.revoke && <AllLikeIt session={session} />}
        <MenuLink icon="user" href={`/admin/accounts/${account.id}`}>
          Open account
        </MenuLink>
        <span class="js-only">
          <MenuButton icon="copy" data-copy={id}>
            Copy session id
          </MenuButton>
        </span>
      </Menu>
    </div>
  )
}

/** Signing out all that have something in common with it: what that hits is shown first. */
function AllLikeIt({ session: { network, device, place } }: { session: SessionDetail }) {
  const version = device.browserVersion?.split('.')[0]
  return (
    <>
      {network && (
        <MenuLink icon="network" {...inDialog(revokeMatchingPath({ ip: network }))}>
          Sign out all on {network}…
        </MenuLink>
      )}
      {device.browser && (
        <MenuLink icon="globe" {...inDialog(revokeMatchingPath({ browser: device.browser, version }))}>
          Sign out all {[device.browser, version].filter(Boolean).join(' ')}…
        </MenuLink>
      )}
      {place.country && (
        <MenuLink icon="globe" {...inDialog(revokeMatchingPath({ country: place.country }))}>
          Sign out all in {countryName(place.country)}…
        </MenuLink>
      )}
      <MenuLine />
    </>
  )
}

/** From the sheet, which the stream brings anew: its row may be nowhere on the page. */
export const signsOutHere = (id: string) => signsOut(id, '#toasts')

interface EndNoticeProps {
  end: NonNullable<Session['end']>
  app: Session['app']
  receipt?: ReceiptProps | undefined
}

export function EndNotice({ end, app, receipt }: EndNoticeProps) {
  const { viewer } = usePage()
  return (
    <div class="notice">
      <Icon name={end.reason === 'blocked' || end.reason === 'network-blocked' ? 'ban' : 'log-out'} />
      <div class="grow wrap">
        <p class="spread">
          <strong>{endText(end, app, viewer?.accountId)}</strong>
          <span class="secondary">
            <Time at={end.at} />
          </span>
        </p>
        {end.note && (
          <p class="muted">
            Reason: <bdi>{end.note}</bdi>
          </p>
        )}
        {receipt && <ReceiptLines {...receipt} />}
      </div>
    </div>
  )
}
