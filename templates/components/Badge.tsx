import type { PropsWithChildren } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
import { Icon, type Tone } from './Icon.js'

export function Badge({
  tone,
  icon,
  inline,
  children,
}: PropsWithChildren<{ tone?: Tone | 'outline'; icon?: IconName; inline?: boolean }>) {
  return (
    <span class={inline ? 'badge badge-inline' : 'badge'} data-tone={tone}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  )
}

export function Dot({ tone }: { tone?: Tone }) {
  return <span class="dot" data-tone={tone} aria-hidden="true" />
}
