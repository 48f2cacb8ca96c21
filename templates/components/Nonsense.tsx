import type { Nonsense } from '../../src/http/parse.js'
import { ButtonLink } from './Button.js'
import { Icon } from './Icon.js'
import { usePage } from './page.js'
import { Chips } from './Toolbar.js'

/** What in the address could not be read, beside the filters that hold. Nothing where all of it could. */
export function NonsenseNotes({ nonsense }: { nonsense: Nonsense[] }) {
  const { path } = usePage()
  if (nonsense.length === 0) return null
  return (
    <div class="nonsense" role="alert">
      <p>Something in the request is not right. It is left out; the rest holds.</p>
      <ul>
        {nonsense.map(({ field, value, message }, n) => (
          <li id={`nonsense-${n}`}>
            <Icon name="circle-alert" size={14} />
            <span>
              <strong class="mono wrap">{value ? `${field}=${value.slice(0, 80)}` : field}</strong>{' '}
              <span class="wrap">{message}.</span>
            </span>
          </li>
        ))}
      </ul>
      <ButtonLink size="small" href={without(path, nonsense)}>
        Take it out of the address
      </ButtonLink>
    </div>
  )
}

/** Beside the filters that are on: those that could not be read. Each leads to the list without it. */
export function NonsenseChips({ nonsense }: { nonsense: Nonsense[] }) {
  const { path } = usePage()
  if (nonsense.length === 0) return null
  return (
    <Chips label="Filters that could not be read">
      {nonsense.map((one, n) => (
        <a
          class="chip"
          data-wrong
          href={without(path, [one])}
          title={`${one.field} ${one.message}`}
          aria-describedby={`nonsense-${n}`}
        >
          <Icon name="circle-alert" />
          <span>
            <span class="chip-name">{one.field.slice(0, 40)}:</span>{' '}
            <span class="chip-value">{one.value.slice(0, 40) || 'left out'}</span>
          </span>
          <Icon name="x" />
          <span class="visually-hidden">remove</span>
        </a>
      ))}
    </Chips>
  )
}

function without(path: string, nonsense: Nonsense[]): string {
  const [at = '', query = ''] = path.split('?')
  const search = new URLSearchParams(query)
  for (const { field } of nonsense) search.delete(field)
  return search.size > 0 ? `${at}?${search}` : at
}

/** Ways out of a list that nothing matches: without one of its filters each. */
export function Widen({ ways }: { ways: { href: string; text: string }[] }) {
  return (
    <>
      {ways.map(({ href, text }) => (
        <ButtonLink size="small" href={href}>
          <span class="clip">{text}</span>
        </ButtonLink>
      ))}
    </>
  )
}
