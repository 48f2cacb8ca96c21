import { type ActivityHour, weekGrid } from '../../src/accounts/activity.js'
import { usePage } from '../components/page.js'
import { countText } from '../words.js'

const PITCH = 15.2
const CELL = 12.6
const LEFT = 34
const FOOT = 7 * PITCH

/** Seven days by the hour: sign-ins in indigo, the darker the more; an hour with a failure in red. */
export function HeatGrid({ hours }: { hours: ActivityHour[] }) {
  const { now } = usePage()
  const days = weekGrid(hours, now)
  const week = days.flatMap((day) => day.hours)
  const most = Math.max(1, ...week.map((hour) => Math.max(hour.signIns, hour.failures)))
  const total = (of: 'signIns' | 'failures') => week.reduce((sum, hour) => sum + hour[of], 0)
  const said = `${countText(total('signIns'), 'sign-in')} and ${countText(total('failures'), 'failure')} in the last 7 days`
  return (
    <section class="card">
      <div class="card-head">
        <h2>Sign-in history</h2>
        <span class="legend">
          <span>
            <i class="l-heat" /> Sign-ins
          </span>
          <span>
            <i class="l-failures" /> Failures
          </span>
        </span>
      </div>
      <div class="card-body heat-body">
        <svg class="heat" viewBox={`0 0 ${LEFT + 24 * PITCH} ${FOOT + 16}`} role="img" aria-label={said}>
          {days.map((day, row) => (
            <>
              <text x="0" y={row * PITCH + 10}>
                {day.day.toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' })}
              </text>
              {day.hours.map((hour, column) => (
                <rect
                  {...lookOf(hour, most, now)}
                  x={LEFT + column * PITCH}
                  y={row * PITCH}
                  width={CELL}
                  height={CELL}
                  rx="3"
                >
                  <title>{titleOf(hour)}</title>
                </rect>
              ))}
            </>
          ))}
          {[0, 6, 12, 18].map((hour) => (
            <text x={LEFT + hour * PITCH} y={FOOT + 12}>
              {String(hour).padStart(2, '0')}
            </text>
          ))}
        </svg>
      </div>
    </section>
  )
}

function lookOf({ at, signIns, failures }: ActivityHour, most: number, now: Date) {
  if (at > now) return { class: 'cell to-come' }
  const level = Math.ceil((Math.max(signIns, failures) / most) * 3)
  return { class: failures > 0 ? 'cell failure' : 'cell', 'data-level': level || undefined }
}

function titleOf({ at, signIns, failures }: ActivityHour): string {
  const when = at.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
  const hour = String(at.getUTCHours()).padStart(2, '0')
  return `${when}, ${hour}:00 UTC: ${countText(signIns, 'sign-in')}, ${countText(failures, 'failure')}`
}
