import type { Child, PropsWithChildren } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
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
