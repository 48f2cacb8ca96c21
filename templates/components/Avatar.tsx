import { initials } from '../words.js'

/** Initials in a circle, beside a name that says the same in full. */
export function Avatar({
  name,
  size,
  you,
}: {
  name: string
  size?: 20 | 28 | 32 | 40 | 44
  you?: boolean | undefined
}) {
  return (
    <span class="avatar" data-size={size} data-tone={you ? 'you' : undefined} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
