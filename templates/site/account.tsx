import type { Account, Role } from '../../src/accounts/types.js'
import { Avatar } from '../components/Avatar.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import type { Page } from '../components/page.js'
import { Time } from '../components/Time.js'
import { SiteLayout } from '../layout.js'
import { countText, roleText } from '../words.js'

export function AccountPage({ page, account, devices }: { page: Page; account: Account; devices: number }) {
  return (
    <SiteLayout page={page} title="Your account" nav="account" subtitle="What Rollcall knows of you.">
      <div class="stack">
        <Card>
          <div class="account-head">
            <Avatar name={account.name} size={44} you />
            <div class="grow wrap">
              <h2 class="device-title">{account.name}</h2>
              <p class="muted">{account.email ?? 'No e-mail address'}</p>
            </div>
          </div>
        </Card>
        <Card title="Details" line>
          <Facts
            facts={[
              ['Name', <span class="wrap">{account.name}</span>],
              ['E-mail', <span class="wrap">{account.email ?? 'None'}</span>],
              ['Role', `${roleText(account.role)}: ${ROLES[account.role]}`],
              ['Member since', <Time at={account.createdAt} />],
            ]}
          />
        </Card>
        <Card title="Devices" line aside={<ButtonLink href="/account/sessions">See your devices</ButtonLink>}>
          <p class="muted">You are signed in on {countText(devices, 'device')}.</p>
        </Card>
        <Card title="Password" line aside={<ButtonLink href="/account/security">Change password</ButtonLink>}>
          <p class="muted">
            An administrator can change your name and your e-mail address; your password only you know.
          </p>
        </Card>
      </div>
    </SiteLayout>
  )
}

const ROLES: Record<Role, string> = {
  person: 'your own devices',
  viewer: 'sees the panel',
  responder: 'signs out and blocks',
  owner: 'may do everything',
}
