import { absoluteText, clockText, relativeText } from '../words.js'
import { usePage } from './page.js'

/** "4 min ago", with the whole of it on hover and for machines. */
export function Time({ at }: { at: Date }) {
  const { now, look } = usePage()
  return (
    <time datetime={at.toISOString()} title={absoluteText(at, look.zone)}>
      {relativeText(at, now, look.zone)}
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
