import type { Child, PropsWithChildren } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
import { ButtonLink } from './Button.js'
import { IconTile, type Tone } from './Icon.js'

interface StateProps {
  icon: IconName
  title: string
  tone?: Tone | undefined
  small?: boolean
  /** Buttons and links below. */
  actions?: Child
}

/** A list with nothing in it: what will appear here and how to make it. */
export function EmptyState({ icon, title, tone, small, actions, children }: PropsWithChildren<StateProps>) {
  return (
    <div class="empty" data-size={small ? 'small' : undefined}>
      <IconTile name={icon} tone={tone} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div class="row">{actions}</div>}
    </div>
  )
}

export function NotFound({
  what = 'page',
  back = { href: '/admin', text: 'Go to the overview' },
}: {
  what?: string
  back?: { href: string; text: string }
}) {
  return (
    <div class="card">
      <EmptyState
        icon="search"
        title={`There is no such ${what}`}
        actions={<ButtonLink href={back.href}>{back.text}</ButtonLink>}
      >
        The address may be mistyped, or it was removed since.
      </EmptyState>
    </div>
  )
}

/** The role of who asks does not give this. `needs` is the role that does. */
export function Forbidden({
  needs,
  back = { href: '/admin', text: 'Go to the overview' },
}: {
  needs?: string
  back?: { href: string; text: string }
}) {
  return (
    <div class="card">
      <EmptyState
        icon="lock"
        tone="amber"
        title="Your role does not allow this"
        actions={<ButtonLink href={back.href}>{back.text}</ButtonLink>}
      >
        {needs
          ? `It needs the role ${needs}. Ask an owner of this Rollcall to change yours.`
          : 'Ask an owner of this Rollcall to change your role.'}
      </EmptyState>
    </div>
  )
}

export function ErrorState({ requestId, retry }: { requestId?: string | undefined; retry?: string | undefined }) {
  return (
    <div class="card">
      <EmptyState
        icon="triangle-alert"
        tone="red"
        title="Something went wrong on our side"
        actions={retry && <ButtonLink href={retry}>Try again</ButtonLink>}
      >
        Nothing was changed. If it goes on, tell your administrator{requestId ? ' this number: ' : '.'}
        {requestId && <span class="mono">{requestId}</span>}
      </EmptyState>
    </div>
  )
}
