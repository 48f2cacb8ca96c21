import { ACTIVITY_RANGES, type Activity, type ActivityRange } from '../../src/sessions/lists/activity.js'
import { ActivityChart, BEFORE_WORDS, RANGE_WORDS, sentence } from '../components/activityChart.js'
import { Card } from '../components/Card.js'
import { usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'

const SHORT: Record<ActivityRange, string> = { '24h': '24 h', '7d': '7 days', '30d': '30 days' }

/** Where the overview with another range is; 24 hours are its own. */
export const overviewPath = (range: ActivityRange): string => (range === '24h' ? '/admin' : `/admin?range=${range}`)

/** Sessions over time, in three ranges, beside the same hours a week before. */
export function ActivityCard({ activity }: { activity: Activity }) {
  const { range } = activity
  const shown = untilNow(activity, usePage().liveSessions?.n)
  return (
    <Card
      title={
        <>
          Activity<span class="visually-hidden"> of the {RANGE_WORDS[range]}</span>
        </>
      }
      aside={
        <>
          <nav class="segmented" data-small aria-label="Range of the chart">
            {ACTIVITY_RANGES.map((one) => (
              <a class="segment" href={overviewPath(one)} aria-current={one === range ? 'true' : undefined}>
                {SHORT[one]}
              </a>
            ))}
          </nav>
          <Legend activity={activity} />
        </>
      }
    >
      {activity.live.filter((count) => count !== null).length > 1 ? (
        <ActivityChart activity={shown} />
      ) : (
        <EmptyState small icon="activity" title="The chart begins now">
          Rollcall counts every quarter of an hour. Come back a little later.
        </EmptyState>
      )}
    </Card>
  )
}

function Legend({ activity: { range, before } }: { activity: Activity }) {
  return (
    <span class="legend" aria-hidden="true">
      <span>
        <i class="l-live" />
        Live sessions
      </span>
      {before.some((count) => count !== null) && (
        <span>
          <i class="l-before" />
          {sentence(BEFORE_WORDS[range])}
        </span>
      )}
      <span>
        <i class="l-sign-ins" />
        Sign-ins
      </span>
      <span>
        <i class="l-failures" />
        Failures
      </span>
    </span>
  )
}

/** The line ends at what is true now, not at what was counted up to a quarter of an hour ago. */
function untilNow(activity: Activity, now: number | undefined): Activity {
  if (now === undefined) return activity
  const bars = activity.bars.map((bar, i) => (i === activity.bars.length - 1 ? { ...bar, live: now } : bar))
  return { ...activity, live: activity.live.with(activity.present, now), bars }
}
