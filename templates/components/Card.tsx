import type { Child, PropsWithChildren } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
import { Icon, type Tone } from './Icon.js'

/** A card with a head. `aside` stands at the end of the head; `line` draws a line under it; `flush` leaves out the body's padding. */
export function Card({
  title,
  aside,
  line,
  flush,
  id,
  children,
}: PropsWithChildren<{ title?: Child; aside?: Child; line?: boolean; flush?: boolean; id?: string }>) {
  return (
    <section class="card" id={id}>
      {title && (
        <div class="card-head" data-line={line ? '' : undefined}>
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {flush ? children : <div class="card-body">{children}</div>}
    </section>
  )
}

/** A soft box that says something that matters here. */
export function Notice({
  tone,
  icon,
  title,
  children,
}: PropsWithChildren<{ tone?: Tone; icon: IconName; title?: Child }>) {
  return (
    <div class="notice" data-tone={tone}>
      <Icon name={icon} />
      <div class="grow wrap">
        {title && <p class="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  )
}

/** Where a part could be taken for the whole. */
export function NotWhole({ children }: PropsWithChildren) {
  return (
    <div role="status">
      <Notice tone="amber" icon="users">
        {children}
      </Notice>
    </div>
  )
}
