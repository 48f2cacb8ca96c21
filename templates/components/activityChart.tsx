import { wallClock } from '../../src/http/zones.js'
import { activityPicture, ACTIVITY_PLOT as PLOT } from '../../src/pictures/activity.js'
import type { Activity, ActivityBar, ActivityRange } from '../../src/sessions/lists/activity.js'
import { clockText, countText, dayMonthText, numberText, weekdayText, zoneText } from '../words.js'
import { eventsOf } from './eventsOf.js'
import { Drawing, Figure, Numbers, type Spot } from './Picture.js'
import { usePage } from './page.js'

const HOUR = 3_600_000

/** "last 24 hours": what a range is called in a sentence. */
export const RANGE_WORDS: Record<ActivityRange, string> = {
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
}
/** What its faint line is. */
export const BEFORE_WORDS: Record<ActivityRange, string> = {
  '24h': 'a week before',
  '7d': 'a week before',
  '30d': '4 weeks before',
}

/** Live sessions as a line over sign-ins and failures as bars, each time a link to what happened in it. */
export function ActivityChart({ activity }: { activity: Activity }) {
  return (
    <Figure says={summary(activity)} numbers={<ActivityNumbers activity={activity} />}>
      <div class="desktop-only">
        <Plot activity={activity} width={670} />
      </div>
      <div class="phone-only">
        <Plot activity={activity} width={326} narrow />
      </div>
    </Figure>
  )
}

/** Drawn for a width, so that its letters have their size. */
function Plot({ activity, width, narrow }: { activity: Activity; width: number; narrow?: boolean }) {
  const { zone } = usePage().look
  const { bars, live, before, stepsPerBar } = activity
  const slot = (width - PLOT.left - PLOT.right) / bars.length
  const picture = activityPicture(
    {
      stepsPerBar,
      live,
      before,
      signIns: bars.map((bar) => bar.signIns),
      failures: bars.map((bar) => bar.failures),
      labels: labelsOf(activity, zone, narrow ? 2 : 1, 52 / slot),
    },
    width,
  )
  const spots = bars.map(
    (bar, i): Spot => ({
      x: round(PLOT.left + i * slot),
      y: 0,
      width: round(slot),
      height: PLOT.barTop + PLOT.barHeight,
      says: `${whenText(bar, zone)}: ${barText(bar, activity.range)}`,
      href: eventsOf(bar, 'sign-in-history'),
    }),
  )
  return <Drawing picture={picture} spots={spots} />
}

/** @param room how many bars a label needs before the one at the end */
function labelsOf(
  { range, bars }: Activity,
  zone: string,
  sparse: number,
  room: number,
): { at: number; text: string }[] {
  const labels = bars.flatMap((bar, i) => {
    if (range === '24h')
      return startsHour(bar.at, zone, 3 * sparse) ? [{ at: i, text: clockText(bar.at, zone).slice(0, 5) }] : []
    if (range === '7d') return startsHour(bar.at, zone, 24) ? [{ at: i, text: weekdayText(bar.at, zone) }] : []
    const age = bars.length - 1 - i
    return age % (5 * sparse) === 0 && age > 0 ? [{ at: i + 0.5, text: dayMonthText(bar.at, zone) }] : []
  })
  const end = { at: bars.length, text: range === '30d' ? 'today' : 'now' }
  return [...labels.filter(({ at }) => at < bars.length - room), end]
}

function ActivityNumbers({ activity: { range, bars, before } }: { activity: Activity }) {
  const { look, now } = usePage()
  const compared = before.some((value) => value !== null)
  return (
    <Numbers of={`the ${RANGE_WORDS[range]}`}>
      <caption class="visually-hidden">
        Live sessions, sign-ins and failures over the {RANGE_WORDS[range]}, newest first
      </caption>
      <thead>
        <tr>
          <th scope="col">Time, {zoneText(look.zone, now)}</th>
          <th scope="col">Live sessions</th>
          {compared && <th scope="col">{sentence(BEFORE_WORDS[range])}</th>}
          <th scope="col">Sign-ins</th>
          <th scope="col">Failures</th>
        </tr>
      </thead>
      <tbody>
        {bars.toReversed().map((bar) => (
          <tr>
            <th scope="row">{whenText(bar, look.zone)}</th>
            <td>{bar.live === null ? 'not counted' : numberText(bar.live)}</td>
            {compared && <td>{bar.before === null ? 'not counted' : numberText(bar.before)}</td>}
            <td>
              <a href={eventsOf(bar, 'sign-ins')}>{numberText(bar.signIns)}</a>
            </td>
            <td>
              <a href={eventsOf(bar, 'failed-sign-ins')}>{numberText(bar.failures)}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </Numbers>
  )
}

function summary({ range, bars, live }: Activity): string {
  const known = live.filter((value) => value !== null)
  const total = (of: 'signIns' | 'failures') => bars.reduce((sum, bar) => sum + bar[of], 0)
  return `The ${RANGE_WORDS[range]}: between ${numberText(Math.min(...known))} and ${numberText(Math.max(...known))} live sessions, ${numberText(known.at(-1) ?? 0)} now; ${countText(total('signIns'), 'sign-in')}, ${countText(total('failures'), 'failure')}.`
}

function whenText({ at, until }: ActivityBar, zone: string): string {
  const day = `${weekdayText(at, zone)} ${dayMonthText(at, zone)}`
  // The shortest of days, and longer than any part of one.
  if (until.getTime() - at.getTime() >= 23 * HOUR) return day
  return `${day}, ${clockText(at, zone).slice(0, 5)} to ${clockText(until, zone).slice(0, 5)}`
}

function barText({ live, before, signIns, failures }: ActivityBar, range: ActivityRange): string {
  if (live === null) return 'not counted'
  const than = before === null ? '' : ` (${numberText(before)} ${BEFORE_WORDS[range]})`
  return `${numberText(live)} live${than}, ${countText(signIns, 'sign-in')}, ${countText(failures, 'failure')}`
}

function startsHour(at: Date, zone: string, every: number): boolean {
  const shown = wallClock(at, zone)
  return shown.getUTCMinutes() === 0 && shown.getUTCHours() % every === 0
}

export const sentence = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
const round = (n: number) => Math.round(n * 10) / 10
