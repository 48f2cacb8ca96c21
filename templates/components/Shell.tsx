import type { IconName } from '../../src/assets/icons.js'
import { roleText, shortNumberText, zoneText } from '../words.js'
import { Avatar } from './Avatar.js'
import { Dot } from './Badge.js'
import { Icon } from './Icon.js'
import { Menu, MenuButton, MenuLine, MenuLink, MenuPost } from './Menu.js'
import { usePage } from './page.js'

export type NavItem = 'overview' | 'sessions' | 'accounts' | 'blocks' | 'audit' | 'apps' | 'settings'

const ITEMS: { id: NavItem; href: string; label: string; icon: IconName }[] = [
  { id: 'overview', href: '/admin', label: 'Overview', icon: 'layout-dashboard' },
  { id: 'sessions', href: '/admin/sessions', label: 'Sessions', icon: 'radio' },
  { id: 'accounts', href: '/admin/accounts', label: 'Accounts', icon: 'users' },
  { id: 'blocks', href: '/admin/blocks', label: 'Blocks', icon: 'ban' },
  { id: 'audit', href: '/admin/audit', label: 'Audit log', icon: 'scroll-text' },
  { id: 'apps', href: '/admin/apps', label: 'Apps', icon: 'app-window' },
  { id: 'settings', href: '/admin/settings', label: 'Settings', icon: 'settings' },
]

export function Brand({ href }: { href: string }) {
  return (
    <a class="brand" href={href}>
      <BrandMark />
      <span>Rollcall</span>
    </a>
  )
}

export function BrandMark() {
  return (
    <span class="brand-mark">
      <Icon name="radio" />
    </span>
  )
}

export function Rail({ nav }: { nav: NavItem | undefined }) {
  const { liveSessions, placeCredit } = usePage()
  return (
    <header class="rail">
      <Brand href="/admin" />
      <nav aria-label="Panel">
        <p class="rail-title">Monitor</p>
        <ul>
          {ITEMS.map((item) => (
            <li>
              <a
                class="rail-item"
                href={item.href}
                aria-current={item.id === nav ? 'page' : undefined}
                title={item.label}
              >
                <Icon name={item.icon} />
                <span class="rail-label">{item.label}</span>
                {item.id === 'sessions' && (
                  <span class="rail-count" id="rail-sessions" data-figure="live">
                    {liveSessions === undefined ? '' : shortNumberText(liveSessions.n)}
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {placeCredit && (
        <p class="rail-foot">
          {placeCredit.includes('DB-IP') ? <a href="https://db-ip.com">{placeCredit}</a> : placeCredit}
        </p>
      )}
    </header>
  )
}

/** On a phone the rail is a bar at the foot; what does not fit is under More. */
export function BottomBar({ nav }: { nav: NavItem | undefined }) {
  return (
    <nav class="bottom-bar" aria-label="Panel, phone">
      {ITEMS.slice(0, 4).map((item) => (
        <a class="bottom-item" href={item.href} aria-current={item.id === nav ? 'page' : undefined}>
          <Icon name={item.icon} size={20} />
          {item.label}
        </a>
      ))}
      <Menu
        summary={{
          class: 'bottom-item',
          'aria-current': ITEMS.slice(4).some(({ id }) => id === nav) ? 'page' : undefined,
        }}
        trigger={
          <>
            <Icon name="menu" size={20} />
            More
          </>
        }
      >
        {ITEMS.slice(4).map((item) => (
          <MenuLink href={item.href} icon={item.icon}>
            {item.label}
          </MenuLink>
        ))}
        <MenuLine />
        <AccountItems />
      </Menu>
    </nav>
  )
}

/** "Live" while the event stream stands, and not before; nothing without script, where nothing is live. */
export function Connection() {
  return (
    <span class="connection" data-connection data-state="connecting" role="status" aria-live="off">
      <Dot />
      <span data-text>Connecting…</span>
    </span>
  )
}

export function ThemeButton() {
  const { theme, path } = usePage()
  const other = theme === 'dark' ? 'light' : 'dark'
  return (
    <form class="theme-form" method="post" action="/theme" data-theme-form>
      <input type="hidden" name="theme" value={other} />
      <input type="hidden" name="return_to" value={path} />
      <button type="submit" class="btn" data-variant="ghost" data-icon-only title="Switch between light and dark">
        <Icon name="moon" />
        <Icon name="sun" />
        <span class="visually-hidden">Switch between light and dark</span>
      </button>
    </form>
  )
}

export function UserMenu({ withName }: { withName?: boolean }) {
  const { viewer, look, now } = usePage()
  if (!viewer) return null
  return (
    <div class="user-menu-box">
      <Menu
        summary={{ class: 'user-menu-summary', title: viewer.name }}
        trigger={
          <>
            <Avatar name={viewer.name} size={28} you />
            {withName ? (
              <span class="desktop-only">{viewer.name}</span>
            ) : (
              <span class="visually-hidden">You: {viewer.name}</span>
            )}
            <Icon name="chevron-down" size={14} />
          </>
        }
      >
        <p class="menu-head">
          <strong class="wrap">{viewer.name}</strong>
          <br />
          <span class="secondary wrap">
            {[viewer.email, viewer.role === 'person' ? null : roleText(viewer.role)].filter(Boolean).join(' · ')}
            <br />
            Times: {zoneText(look.zone, now)}
            {viewer.masked && (
              <>
                <br />
                Addresses and names are masked for you
              </>
            )}
          </span>
        </p>
        <MenuLine />
        {withName && viewer.role !== 'person' && (
          <MenuLink href="/admin" icon="layout-dashboard">
            Panel
          </MenuLink>
        )}
        <AccountItems />
      </Menu>
    </div>
  )
}

function AccountItems() {
  return (
    <>
      <MenuLink href="/account/sessions" icon="monitor-smartphone">
        Your devices
      </MenuLink>
      <MenuLink href="/account/security" icon="key-round">
        Your password
      </MenuLink>
      <span class="js-only">
        <MenuButton icon="keyboard" data-keys-help>
          Keys
        </MenuButton>
      </span>
      <MenuLine />
      <MenuPost action="/sign-out" icon="log-out">
        Sign out
      </MenuPost>
    </>
  )
}
