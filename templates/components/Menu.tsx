import type { Child, PropsWithChildren } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
import { Icon } from './Icon.js'

interface MenuProps {
  /** What one presses: `<ButtonLook>` classes or an icon; it becomes the inside of <summary>. */
  trigger: Child
  /** Attributes of the <summary>: class, title, data-variant. */
  summary?: Record<string, unknown>
  align?: 'start' | 'end'
  /** Menus of one name close one another. */
  name?: string
  id?: string
  panelClass?: string
}

/** A menu without script: <details>. Its children are `MenuLink`, `MenuPost`, `MenuLine`. */
export function Menu({ trigger, summary, align, name, id, panelClass, children }: PropsWithChildren<MenuProps>) {
  return (
    <details class="menu" data-align={align} name={name} id={id}>
      <summary {...summary}>{trigger}</summary>
      <div class={panelClass ? `menu-panel ${panelClass}` : 'menu-panel'}>{children}</div>
    </details>
  )
}

interface ItemProps {
  icon?: IconName
  tone?: 'red'
}

export function MenuLink({ icon, tone, children, ...link }: PropsWithChildren<ItemProps & Record<string, unknown>>) {
  return (
    <a class="menu-item" data-tone={tone} {...link}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  )
}

export function MenuButton({
  icon,
  tone,
  children,
  ...button
}: PropsWithChildren<ItemProps & Record<string, unknown>>) {
  return (
    <button type="button" class="menu-item" data-tone={tone} {...button}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

/** An item that posts. `form` takes further attributes of its form. */
export function MenuPost({
  action,
  icon,
  tone,
  form,
  children,
}: PropsWithChildren<ItemProps & { action: string; form?: Record<string, unknown> }>) {
  return (
    <form method="post" action={action} {...form}>
      <button type="submit" class="menu-item" data-tone={tone}>
        {icon && <Icon name={icon} />}
        {children}
      </button>
    </form>
  )
}

export function MenuLine(line: Record<string, unknown>) {
  return <hr class="menu-line" {...line} />
}
