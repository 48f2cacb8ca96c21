import { absoluteText, clockText, relativeText } from '../words.js'
import { usePage } from './page.js'

/** "4 min ago", with the whole of it on hover and for machines. */
export function Time({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} title={absoluteText(at)}>
      {relativeText(at, usePage().now)}
    </time>
  )
}

/** "12:03:58" */
export function Clock({ at }: { at: Date }) {
  return (
    <time class="mono" datetime={at.toISOString()} title={absoluteText(at)}>
      {clockText(at)}
    </time>
  )
}
