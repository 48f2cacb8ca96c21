import { firstSession } from '../../src/admin/snippets.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { inDialog, usePage } from '../components/page.js'
import { Snippet } from '../components/Snippet.js'

/** For a new installation: people, a key, the first session of an app. It goes with the first app. */
export function GetStarted({ origin }: { origin: string }) {
  const { can } = usePage()
  return (
    <Card title="Get started" line>
      <ol class="steps">
        <li>
          <h3>Invite your people</h3>
          <p class="muted">You get a link for each to send yourself; no mail server is needed.</p>
          {can.revoke && (
            <ButtonLink size="small" icon="user-plus" {...inDialog('/admin/accounts/invite')}>
              Invite person
            </ButtonLink>
          )}
        </li>
        <li>
          <h3>Add your first app</h3>
          <p class="muted">
            It gets a key, and lines to copy for Express, Hono, other Node apps, a reverse proxy or plain HTTP.
          </p>
          {can.own && (
            <ButtonLink size="small" icon="plus" href="/admin/apps/new">
              Add an app
            </ButtonLink>
          )}
        </li>
        <li>
          <h3>Start a session from your app</h3>
          <p class="muted">When somebody signed in there. The answer has the token for their cookie.</p>
          <Snippet text={firstSession({ url: origin })} what="request" />
        </li>
      </ol>
    </Card>
  )
}
