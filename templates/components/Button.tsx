import type { Child, PropsWithChildren } from 'hono/jsx'
import type { IconName } from '../../src/assets/icons.js'
import { Icon } from './Icon.js'

export interface ButtonLook {
  /** Outline when not given. */
  variant?: 'primary' | 'danger' | 'danger-solid' | 'ghost'
  size?: 'small' | 'large' | 'form'
  icon?: IconName
  iconAfter?: IconName
  /** An icon alone: the label is for screen readers and the tooltip. */
  label?: string
}
type More = Record<string, unknown>

/** `<Button variant="danger" icon="ban">Block account</Button>`; a submit button unless `type` says otherwise. */
export function Button({
  children,
  variant,
  size,
  icon,
  iconAfter,
  label,
  ...more
}: PropsWithChildren<ButtonLook & More>) {
  return (
    <button type="submit" {...look({ variant, size, label })} {...more}>
      <Inside icon={icon} iconAfter={iconAfter} label={label} children={children} />
    </button>
  )
}

/** The same, for what leads somewhere. */
export function ButtonLink({
  children,
  variant,
  size,
  icon,
  iconAfter,
  label,
  ...more
}: PropsWithChildren<ButtonLook & More & { href?: string }>) {
  return (
    <a {...look({ variant, size, label })} {...more}>
      <Inside icon={icon} iconAfter={iconAfter} label={label} children={children} />
    </a>
  )
}

/** One button that posts: a form of its own. `hidden` are its fields. */
export function PostButton({
  action,
  hidden,
  children,
  form,
  ...button
}: PropsWithChildren<ButtonLook & More & { action: string; hidden?: Record<string, string>; form?: More }>) {
  return (
    <form method="post" action={action} {...form}>
      {Object.entries(hidden ?? {}).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button {...button}>{children}</Button>
    </form>
  )
}

function look({ variant, size, label }: { variant: unknown; size: unknown; label: unknown }): More {
  return {
    class: 'btn',
    'data-variant': variant ?? 'outline',
    'data-size': size,
    'data-icon-only': label ? '' : undefined,
    title: label,
  }
}

function Inside({
  icon,
  iconAfter,
  label,
  children,
}: {
  icon: IconName | undefined
  iconAfter: IconName | undefined
  label: string | undefined
  children: Child
}) {
  return (
    <>
      {icon && <Icon name={icon} />}
      {label ? <span class="visually-hidden">{label}</span> : children}
      {iconAfter && <Icon name={iconAfter} />}
    </>
  )
}
