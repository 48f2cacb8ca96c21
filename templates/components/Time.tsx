import { absoluteText, clockText, paperText, relativeText, spanText } from '../words.js'
import { usePage } from './page.js'

/** "4 min ago", with the whole of it on hover and for machines. */
export function Time({ at }: { at: Date }) {
  const { now, look } = usePage()
  return (
    <time datetime={at.toISOString()} title={absoluteText(at, look.zone)} data-paper={paperText(at, now, look.zone)}>
      {relativeText(at, now, look.zone)}
    </time>
  )
}

/** "4 min": for how long it has been so, with when it began on hover and for machines. */
export function Since({ at }: { at: Date }) {
  const { now, look } = usePage()
  return (
    <time datetime={at.toISOString()} title={absoluteText(at, look.zone)}>
      {spanText(Math.max(0, now.getTime() - at.getTime()))}
    </time>
  )
}

/** "12:03:58" */
export function Clock({ at }: { at: Date }) {
  const { zone } = usePage().look
  return (
    <time class="mono" datetime={at.toISOString()} title={absoluteText(at, zone)}>
      {clockText(at, zone)}
    </time>
  )
}
