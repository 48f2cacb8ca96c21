import type { Account, Role } from '../../src/accounts/types.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Facts } from '../components/Facts.js'
import { Person } from '../components/Person.js'
import type { Page } from '../components/page.js'
import { Time } from '../components/Time.js'
import { SiteLayout } from '../layout.js'
import { countText, roleText } from '../words.js'

export function AccountPage({ page, account, devices }: { page: Page; account: Account; devices: number }) {
  return (
    <SiteLayout page={page} title="Your account" nav="account" subtitle="Who you are here.">
      <div class="stack">
        <Card>
          <div class="stack">
            <Person name={account.name} email={account.email} you />
            <Facts
              facts={[
                ['Role', `${roleText(account.role)}, ${ROLES[account.role]}`],
                ['Since', <Time at={account.createdAt} />],
              ]}
            />
          </div>
        </Card>
        <Card title="Devices" line aside={<ButtonLink href="/account/sessions">See your devices</ButtonLink>}>
          <p class="muted">You are signed in on {countText(devices, 'device')}.</p>
        </Card>
        <Card title="Password" line aside={<ButtonLink href="/account/security">Change password</ButtonLink>}>
          <p class="muted">Only you know it. Your name and e-mail address are changed by an administrator.</p>
        </Card>
      </div>
    </SiteLayout>
  )
}

const ROLES: Record<Role, string> = {
  person: 'sees their own devices',
  viewer: 'sees the panel',
  responder: 'signs out and blocks',
  owner: 'may do everything',
}
