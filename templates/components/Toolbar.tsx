import type { Child, PropsWithChildren } from 'hono/jsx'
import type { Count as CountOf } from '../../src/sessions/types.js'
import { amountText, numberText } from '../words.js'
import { Icon } from './Icon.js'
import { Menu } from './Menu.js'
import { hx, usePage } from './page.js'

/** Search, chips and count over a list. */
export function Toolbar({ children }: PropsWithChildren) {
  return <div class="toolbar">{children}</div>
}

interface SearchProps {
  action: string
  placeholder: string
  value: string | undefined
  /** Filters that stay when one searches: they go along as hidden fields. */
  keep?: Record<string, string | number | undefined>
}

/** Searches as one types; by Enter where there is no script. `/` leads here. */
export function SearchBox({ action, placeholder: usual, value, keep = {} }: SearchProps) {
  const { viewer, look } = usePage()
  const placeholder = viewer?.masked ? 'Search id or network (203.0.113.x)' : usual
  return (
    <search>
      <form
        class="search"
        method="get"
        action={action}
        {...hx({
          get: action,
          trigger: "input delay:250ms from:'find input', submit",
          target: '#live',
          select: '#live',
          swap: 'outerMorph',
          // The export takes along what is searched for.
          'select-oob': '#export-menu',
          'replace-url': 'true',
          sync: 'this:replace',
        })}
      >
        <Icon name="search" size={14} />
        <input
          type="search"
          id="search"
          name="q"
          value={value}
          placeholder={placeholder}
          aria-label={placeholder}
          autocomplete="off"
          spellcheck={false}
          maxlength={200}
          data-search
          aria-keyshortcuts={look.singleKeys ? '/' : undefined}
        />
        <span class="kbd" aria-hidden="true">
          /
        </span>
        {Object.entries(keep).map(([name, kept]) => kept && <input type="hidden" name={name} value={kept} />)}
      </form>
    </search>
  )
}

export function Chips({ label, children }: PropsWithChildren<{ label: string }>) {
  return (
    <nav class="chips" aria-label={label}>
      {children}
    </nav>
  )
}

/** A filter to choose; `on` when it is chosen. */
export function Chip({
  href,
  on,
  count,
  children,
}: PropsWithChildren<{ href: string; on?: boolean; count?: number | undefined }>) {
  return (
    <a class="chip" href={href} aria-current={on ? 'true' : undefined}>
      {children}
      {count !== undefined && <span class="chip-count">{numberText(count)}</span>}
    </a>
  )
}

/** A filter that is on and can be taken off: "Country: Germany x". `href` is the list without it. */
export function ActiveChip({ href, name, value }: { href: string; name: string; value: Child }) {
  return (
    <a class="chip" data-on href={href} title={`Remove the filter ${name}`}>
      <span>
        <span class="chip-name">{name}:</span> <span class="chip-value">{value}</span>
      </span>
      <Icon name="x" />
      <span class="visually-hidden">remove</span>
    </a>
  )
}

export interface FilterGroup {
  title: string
  options: { href: string; label: Child; count?: number | undefined; on?: boolean }[]
}

/** "+ Filter": every value there is, with how many have it. `note`: why they have no number. */
export function FilterMenu({ groups, note }: { groups: FilterGroup[]; note?: string | undefined }) {
  const shown = groups.filter((group) => group.options.length > 0)
  if (!shown.length) return null
  return (
    <Menu
      id="filter-menu"
      align="start"
      panelClass="filter-panel"
      summary={{ class: 'chip', 'data-dashed': '' }}
      trigger={
        <>
          <Icon name="plus" />
          Filter
        </>
      }
    >
      {note && <p class="filter-note">{note}</p>}
      {shown.map((group) => (
        <section class="filter-group">
          <h2 class="filter-title">{group.title}</h2>
          <div class="filter-options">
            {group.options.map((option) => (
              <a class="menu-item" href={option.href} aria-current={option.on ? 'true' : undefined}>
                <span class="with-mark">{option.label}</span>
                {option.count !== undefined && <span class="menu-count">{numberText(option.count)}</span>}
              </a>
            ))}
          </div>
        </section>
      ))}
    </Menu>
  )
}

/** "48,213 sessions" at the end of the toolbar; "over 10,000" where more were not counted, "about" of an estimate, "up to" of a bound. */
export function Count({ n, one, many = `${one}s`, how = 'exact' }: Partial<CountOf> & CountWords) {
  const [amount, ...about] = amountText({ n, how }).split(' ').reverse()
  return (
    <p class="toolbar-count">
      {about.reverse().join(' ')} <strong>{amount}</strong> {n === 1 ? one : many}
    </p>
  )
}

interface CountWords {
  n: number
  one: string
  many?: string
}
