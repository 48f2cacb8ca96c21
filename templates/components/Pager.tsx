import type { Child } from 'hono/jsx'
import { ButtonLink } from './Button.js'

interface PagerProps {
  /** Addresses of the pages before and after; null where there is none. */
  newer: string | null
  older: string | null
  /** Where the order is not one of time: "Previous", "Next". */
  words?: { newer: string; older: string }
  /** The order of the list, in words. */
  children?: Child
}

/** Lists have no page numbers. Not drawn when there is one page. */
export function Pager({ newer, older, words = { newer: 'Newer', older: 'Older' }, children }: PagerProps) {
  if (!newer && !older) return null
  return (
    <nav class="pager" aria-label="Pages">
      <span>{children}</span>
      <span class="row">
        {newer && (
          <ButtonLink href={newer} icon="chevron-left" rel="prev">
            {words.newer}
          </ButtonLink>
        )}
        {older && (
          <ButtonLink href={older} iconAfter="chevron-right" rel="next">
            {words.older}
          </ButtonLink>
        )}
      </span>
    </nav>
  )
}
