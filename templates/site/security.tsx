import { Button } from '../components/Button.js'
import { Card, Notice } from '../components/Card.js'
import { Checkbox, PasswordField } from '../components/Field.js'
import type { Page } from '../components/page.js'
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
}

export function SecurityPage({ page, signOutOthers, warning, problem }: SecurityProps) {
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
      </div>
    </SiteLayout>
  )
}
