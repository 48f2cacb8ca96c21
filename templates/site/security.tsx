import type { AuditEvent } from '../../src/audit/types.js'
import { Button } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { Checkbox, PasswordField } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Time } from '../components/Time.js'
import type { ToastProps } from '../components/Toast.js'
import { SiteLayout } from '../layout.js'
import { PASSWORD_HINT, waitText } from './words.js'

export type SecurityProblem = { path: 'present' | 'next'; message: string } | { path: 'present'; retryAfterMs: number }

interface SecurityProps {
  page: Page
  /** The box as it is drawn. */
  signOutOthers: boolean
  /** What leads here: a device that the person does not know. */
  warning?: ToastProps
  problem?: SecurityProblem
  /** What happened to the password lately, newest first (S-27: the person is told). */
  changes: AuditEvent[]
}

export function SecurityPage({ page, signOutOthers, warning, problem, changes }: SecurityProps) {
  const errorOf = (path: SecurityProblem['path']) => {
    if (problem?.path !== path) return undefined
    return 'message' in problem ? problem.message : `Too many attempts. Try again in ${waitText(problem.retryAfterMs)}.`
  }
  return (
    <SiteLayout
      page={page}
      title="Your password"
      nav="security"
      subtitle="Changing it needs the one that you have now."
    >
      <div class="stack">
        {warning && (
          <Notice tone="amber" icon="shield-alert" title={warning.title}>
            <p class="muted">{warning.text}</p>
          </Notice>
        )}
        <Card title="Change password" line>
          <form method="post" action="/account/security" class="stack narrow-form">
            <input type="email" name="email" value={page.viewer?.email ?? ''} autocomplete="username" hidden />
            <PasswordField
              name="present"
              label="Present password"
              autocomplete="current-password"
              autofocus={warning !== undefined || problem?.path === 'present'}
              error={errorOf('present')}
            />
            <PasswordField
              name="next"
              label="New password"
              autocomplete="new-password"
              minlength={12}
              hint={PASSWORD_HINT}
              autofocus={problem?.path === 'next'}
              error={errorOf('next')}
            />
            <Checkbox name="sign_out_others" label="Sign out my other devices" checked={signOutOthers} />
            <div>
              <Button variant="primary" size="large">
                Change password
              </Button>
            </div>
          </form>
        </Card>
        {changes.length > 0 && (
          <Card title="Lately" line flush>
            <div class="lines">
              {changes.map((event) => (
                <div>
                  <span class="grow wrap">
                    {changeText(event)}
                    {event.ip && <span class="muted"> · {[event.city, event.ip].filter(Boolean).join(', ')}</span>}
                  </span>
                  <span class="muted">
                    <Time at={event.at} />
                  </span>
                </div>
              ))}
            </div>
          </Card>
        )}
      </div>
    </SiteLayout>
  )
}

function changeText({ result, details }: AuditEvent): string {
  if (result !== 'done') return 'A change was refused: the present password was wrong'
  if (details['how'] === 'invitation') return 'Password set with a one-time link'
  if (details['how'] === 'required') return 'Password changed because an administrator asked for a new one'
  if (details['how'] === 'setup') return 'Password set with the set-up link'
  return 'Password changed'
}
