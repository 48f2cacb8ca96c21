import type { Child } from 'hono/jsx'
import { Avatar } from './Avatar.js'

/** Avatar, name and e-mail in two lines. `link` holds the attributes of the name's link; `after` stands beside the name. */
export function Person({
  name,
  email,
  you,
  link,
  after,
}: {
  name: string
  email: string | null
  you?: boolean
  link?: Record<string, unknown>
  after?: Child
}) {
  return (
    <div class="person">
      <Avatar name={name} you={you} />
      <div class="person-text">
        <span class="person-name">
          {link ? (
            <a class="clip" dir="auto" {...link}>
              {name}
            </a>
          ) : (
            <span class="clip" dir="auto">
              {name}
            </span>
          )}
          {after}
        </span>
        <span class="person-email clip">{email ?? 'No e-mail'}</span>
      </div>
    </div>
  )
}
