import type { ChainState } from '../../src/audit/checkChain.js'
import { clockText, dateText } from '../words.js'
import { Icon } from './Icon.js'
import { usePage } from './page.js'

/** What is known of the chain over the audit log, as a link to all of it. */
export function ChainBadge({ chain }: { chain: ChainState }) {
  const { now, look } = usePage()
  const { text, tone } = badgeOf(chain, (at) => whenText(at, now, look.zone))
  return (
    <a class="badge chain-badge" data-tone={tone} href="/admin/audit/chain">
      <Icon name={tone === 'green' || !tone ? 'link' : 'triangle-alert'} />
      {text}
    </a>
  )
}

function badgeOf(
  { last, running }: ChainState,
  said: (at: Date) => string,
): { text: string; tone?: 'green' | 'red' | 'amber' } {
  if (!last) return { text: running ? 'Chain is being verified' : 'Chain not verified yet' }
  const { report, startedAt } = last
  if (report.problemCount === 0) return { text: `Chain verified up to ${said(startedAt)}`, tone: 'green' }
  return report.problems.every(({ kind }) => kind === 'backdated')
    ? { text: 'Chain holds events that are dated back', tone: 'amber' }
    : { text: 'Chain is broken', tone: 'red' }
}

function whenText(at: Date, now: Date, zone: string): string {
  const [day, time] = [dateText(at, now, zone), clockText(at, zone).slice(0, 5)]
  return day === dateText(now, now, zone) ? time : `${day}, ${time}`
}
