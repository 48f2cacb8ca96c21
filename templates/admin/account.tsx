import type { AccountActivity } from '../../src/accounts/activity.js'
import type { Note } from '../../src/accounts/notes.js'
import type { Account } from '../../src/accounts/types.js'
import type { AccountPowers } from '../../src/admin/accountsMay.js'
import type { AuditEvent } from '../../src/audit/types.js'
import type { Page as ListPage } from '../../src/db/page.js'
import { offsetText } from '../../src/http/zones.js'
import type { Session } from '../../src/sessions/types.js'
import { Avatar } from '../components/Avatar.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { CopyButton } from '../components/Facts.js'
import { Icon } from '../components/Icon.js'
import { Menu, MenuButton, MenuLink } from '../components/Menu.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { Tabs } from '../components/Tabs.js'
import { Tiles } from '../components/Tile.js'
import { Layout } from '../layout.js'
import { dateText, momentText, roleText } from '../words.js'
import { AccountActivityTab } from './accountActivity.js'
import { AccountAuditTab } from './accountAudit.js'
import { AccountSessionsTab } from './accountSessions.js'
import { StatusBadge } from './accounts.js'
import { accountTiles } from './accountTiles.js'

export type AccountTab = 'sessions' | 'sign-ins' | 'audit'

export interface AccountProps {
  page: Page
  account: Account
  powers: AccountPowers
  tab: AccountTab
  live: Session[]
  ended: ListPage<Session>
  activity: AccountActivity
  notes: Note[]
  /** Of the tab: all events, sign-ins alone, or the newest few. */
  events: ListPage<AuditEvent>
}

export function AccountPage(props: AccountProps) {
  const { page, account, powers, tab, live } = props
  const path = `/admin/accounts/${account.id}`
  return (
    <Layout
      page={page}
      nav="accounts"
      title={account.name}
      help="account"
      heading={<Head account={account} page={page} />}
      actions={<Actions account={account} powers={powers} live={live.length} />}
      refresh={page.path}
      refreshOf={account.id}
    >
      <BlockNotice account={account} />
      <Tiles tiles={accountTiles(props)} />
      <Tabs
        label="About this account"
        tabs={[
          { href: path, label: 'Sessions', count: live.length, on: tab === 'sessions' },
          { href: `${path}?tab=sign-ins`, label: 'Sign-ins', on: tab === 'sign-ins' },
          { href: `${path}?tab=audit`, label: 'Audit', on: tab === 'audit' },
        ]}
      />
      {tab === 'sessions' && <AccountSessionsTab {...props} />}
      {tab === 'sign-ins' && <AccountActivityTab {...props} />}
      {tab === 'audit' && <AccountAuditTab {...props} />}
    </Layout>
  )
}

function Head({ account, page }: { account: Account; page: Page }) {
  const you = page.viewer?.accountId === account.id
  return (
    <div class="account-head">
      <nav class="crumbs" aria-label="Where this is">
        <a href="/admin/accounts">Accounts</a>
        <Icon name="chevron-right" />
        <span class="clip" dir="auto" aria-current="page">
          {account.name}
        </span>
      </nav>
      <div class="account-who">
        <Avatar name={account.name} size={44} you={you} />
        <div class="account-text">
          <div class="account-name">
            <h1 dir="auto">{account.name}</h1>
            {you && <Badge tone="indigo">This is you</Badge>}
            {account.role !== 'person' && <Badge>{roleText(account.role)}</Badge>}
            {account.status !== 'active' && <StatusBadge account={account} />}
            {account.newPasswordRequired && <Badge tone="amber">New password required</Badge>}
            {account.status === 'active' && !account.hasPassword && <Badge>No password</Badge>}
          </div>
          <p class="header-sub dotted">
            <span class="wrap">
              {account.email ?? 'No e-mail'}
              {account.email && <CopyButton text={account.email} what="e-mail address" />}
            </span>{' '}
            <span>member since {dateText(account.createdAt, page.now, page.look.zone)}</span>
          </p>
        </div>
      </div>
    </div>
  )
}

/** Only what the viewer may do; the server would refuse the rest. */
function Actions({ account, powers, live }: { account: Account; powers: AccountPowers; live: number }) {
  const path = `/admin/accounts/${account.id}`
  const more = [
    powers.changeRole && (
      <MenuLink icon="shield" {...inDialog(`${path}/role`)}>
        Change role…
      </MenuLink>
    ),
    powers.renew && (
      <MenuLink icon="key-round" {...inDialog(`${path}/require-new-password`)}>
        Require a new password…
      </MenuLink>
    ),
    powers.invite && (
      <MenuLink icon="link" {...inDialog(`${path}/invitation`)}>
        {account.hasPassword ? 'Link for a new password…' : 'New invitation link…'}
      </MenuLink>
    ),
    powers.block && account.block && (
      <MenuLink icon="pencil" {...inDialog(`${path}/block`)}>
        Change the block…
      </MenuLink>
    ),
  ].filter(Boolean)
  return (
    <>
      {powers.revoke && live > 0 && (
        <ButtonLink icon="log-out" {...inDialog(`${path}/revoke-sessions`)}>
          Sign out everywhere
        </ButtonLink>
      )}
      {powers.block &&
        (account.block ? (
          <ButtonLink icon="lock-open" {...inDialog(`${path}/lift-block`)}>
            Lift block
          </ButtonLink>
        ) : (
          <ButtonLink variant="danger" icon="ban" {...inDialog(`${path}/block`)}>
            Block account…
          </ButtonLink>
        ))}
      {more.length > 0 && (
        <Menu
          align="end"
          summary={{ class: 'btn', 'data-variant': 'outline', 'data-icon-only': '', title: 'More' }}
          trigger={
            <>
              <Icon name="ellipsis" />
              <span class="visually-hidden">More</span>
            </>
          }
        >
          {more}
          <span class="js-only">
            <MenuButton icon="copy" data-copy={account.id}>
              Copy account id
            </MenuButton>
          </span>
        </Menu>
      )}
    </>
  )
}

function BlockNotice({ account: { block } }: { account: Account }) {
  const { now, look } = usePage()
  if (!block) return null
  return (
    <Notice
      tone="red"
      icon="ban"
      title={
        block.until
          ? `Blocked until ${momentText(block.until, now, look.zone)} ${offsetText(block.until, look.zone)}`
          : 'Blocked until somebody lifts it'
      }
    >
      <p class="muted">
        By <bdi>{block.createdBy}</bdi>, {momentText(block.createdAt, now, look.zone)}{' '}
        {offsetText(block.createdAt, look.zone)}: <bdi>{block.reason}</bdi>
        {block.message && ` · the person is told “${block.message}”`}
      </p>
    </Notice>
  )
}
