import type { Child } from 'hono/jsx'
import { ButtonLink } from './Button.js'

/** Older and newer: lists have no page numbers. Not drawn when there is one page. */
export function Pager({ newer, older, children }: { newer: string | null; older: string | null; children?: Child }) {
  if (!newer && !older) return null
  return (
    <nav class="pager" aria-label="Pages">
      <span>{children}</span>
      <span class="row">
        {newer && (
          <ButtonLink href={newer} icon="chevron-left" rel="prev">
            Newer
          </ButtonLink>
        )}
        {older && (
          <ButtonLink href={older} iconAfter="chevron-right" rel="next">
            Older
          </ButtonLink>
        )}
      </span>
    </nav>
  )
}
