import type { Nonsense } from '../../src/http/parse.js'
import { ButtonLink } from './Button.js'
import { Icon } from './Icon.js'
import { usePage } from './page.js'

/** What in the address could not be read, beside the filters that hold. Nothing where all of it could. */
export function NonsenseNotes({ nonsense }: { nonsense: Nonsense[] }) {
  const { path } = usePage()
  if (nonsense.length === 0) return null
  return (
    <div class="nonsense" role="alert">
      <p>Something in the request is not right. It is left out; the rest holds.</p>
      <ul>
        {nonsense.map(({ field, value, message }) => (
          <li>
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
