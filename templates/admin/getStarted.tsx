import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { CopyButton } from '../components/Facts.js'
import { inDialog, usePage } from '../components/page.js'

/** For a new installation: people, a key, the first session of an app. It goes with the first app. */
export function GetStarted({ origin }: { origin: string }) {
  const { can } = usePage()
  const snippet = firstSession(origin)
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
          <h3>Give your first app a key</h3>
          <p class="muted">With scopes sessions:write and sessions:verify it starts and checks sessions of its own.</p>
          {can.own && (
            <ButtonLink size="small" icon="key-round" href="/admin/settings/keys">
              API keys
            </ButtonLink>
          )}
        </li>
        <li>
          <h3>Start a session from your app</h3>
          <p class="muted">When somebody signed in there. The answer has the token for their cookie.</p>
          <div class="snippet">
            <pre class="mono" tabindex={0}>
              {snippet}
            </pre>
            <CopyButton text={snippet} what="request" />
          </div>
        </li>
      </ol>
    </Card>
  )
}

const firstSession = (origin: string) => `curl ${origin}/api/v1/sessions \\
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"account": {"email": "ada@example.com", "name": "Ada"},
       "client": {"ip": "203.0.113.7", "userAgent": "..."}}'`
