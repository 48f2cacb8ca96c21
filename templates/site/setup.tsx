import { Button } from '../components/Button.js'
import { Field, PasswordField } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'
import { PASSWORD_HINT } from './words.js'

export interface SetupProblem {
  path: 'name' | 'email' | 'password'
  message: string
}

interface SetupProps {
  page: Page
  token: string
  name?: string
  email?: string
  problem?: SetupProblem
}

export function SetupPage({ page, token, name, email, problem }: SetupProps) {
  const errorOf = (path: SetupProblem['path']) => (problem?.path === path ? problem.message : undefined)
  const focus = problem?.path ?? 'name'
  return (
    <PlainLayout page={page} title="Set up Rollcall" lead="Make the first owner, who may do everything here.">
      <form method="post" action="/setup">
        <input type="hidden" name="token" value={token} />
        <Field
          large
          name="name"
          label="Your name"
          value={name}
          required
          autocomplete="name"
          maxlength={200}
          autofocus={focus === 'name'}
          error={errorOf('name')}
        />
        <Field
          large
          name="email"
          label="E-mail"
          type="email"
          value={email}
          required
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          maxlength={254}
          autofocus={focus === 'email'}
          error={errorOf('email')}
        />
        <PasswordField
          large
          name="password"
          label="Password"
          autocomplete="new-password"
          minlength={12}
          hint={PASSWORD_HINT}
          autofocus={focus === 'password'}
          error={errorOf('password')}
        />
        <Button variant="primary" size="form">
          Make the owner
        </Button>
      </form>
    </PlainLayout>
  )
}
