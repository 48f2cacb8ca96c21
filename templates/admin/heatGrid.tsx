import { type ActivityHour, type ClockHour, weekGrid } from '../../src/accounts/activity.js'
import type { AccountId } from '../../src/db/ids.js'
import { calendarOf, offsetText } from '../../src/http/zones.js'
import { Card } from '../components/Card.js'
import { eventsOf } from '../components/eventsOf.js'
import { Figure, Numbers, PictureLink } from '../components/Picture.js'
import { usePage } from '../components/page.js'
import { clockText, countText, dayMonthText, numberText, weekdayText, zoneText } from '../words.js'

interface HeatProps {
  title: string
  hours: ActivityHour[]
  /** Sign-ins, with the hours that had a failure in red; or failures alone. */
  of: 'sign-ins' | 'failures'
  /** Whose they are; everyone's unless said. */
  account?: AccountId
}

/** The squares of a grid that is stretched to its card's width. */
const CELL = { pitch: 15.2, size: 12.6 }

/** Seven days by the hour, the darker the more; each hour is a link to what happened in it. */
export function HeatGrid({ title, hours, of, account }: HeatProps) {
  const { now, look } = usePage()
  const days = weekGrid(hours, calendarOf(now, look.zone))
  const week = days.flatMap((day) => day.hours)
  const total = (of: 'signIns' | 'failures') => week.reduce((sum, hour) => sum + hour[of], 0)
  const signIns = of === 'sign-ins' ? `${countText(total('signIns'), 'sign-in')} and ` : ''
  const grid = { days, of, account, most: Math.max(1, ...week.map((hour) => weightOf(hour, of))) }
  return (
    <Card
      title={title}
      aside={
        <span class="legend" aria-hidden="true">
          {of === 'sign-ins' && (
            <span>
              <i class="l-heat" /> Sign-ins
            </span>
          )}
          <span>
            <i class="l-failures" /> Failures
          </span>
        </span>
      }
    >
      <Figure
        says={`${signIns}${countText(total('failures'), 'failure')} in the last 7 days.`}
        numbers={<HeatNumbers {...grid} />}
      >
        <Grid {...grid} />
      </Figure>
    </Card>
  )
}

interface GridProps {
  days: ReturnType<typeof weekGrid>
  of: HeatProps['of']
  account: AccountId | undefined
  /** What the darkest stands for. */
  most: number
}

function Grid({ days, of, account, most }: GridProps) {
  const { now, look } = usePage()
  return (
    <div class="heat">
      <div class="heat-days" aria-hidden="true">
        {days.map(({ day }) => (
          <span>{weekdayText(day, look.zone)}</span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${round(24 * CELL.pitch)} ${round(7 * CELL.pitch)}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {days.map(({ hours }, row) =>
          hours.map((hour, column) => {
            const cell = (
              <rect
                {...lookOf(hour, of, most, now)}
                x={round(column * CELL.pitch)}
                y={round(row * CELL.pitch)}
                width={CELL.size}
                height={CELL.size}
                rx="2"
                ry="3"
              />
            )
            if (weightOf(hour, of) === 0) return cell
            return (
              <PictureLink href={linkOf(hour, of, account)} says={titleOf(hour, of, look.zone)}>
                {cell}
              </PictureLink>
            )
          }),
        )}
      </svg>
      <div class="heat-hours" aria-hidden="true">
        {[0, 6, 12, 18].map((hour) => (
          <span>{hourText(hour)}</span>
        ))}
      </div>
    </div>
  )
}

/** A line an hour that had something, newest first: most of the 168 have nothing to say of one person. */
function HeatNumbers({ days, of, account }: GridProps) {
  const { now, look } = usePage()
  const told = days.flatMap(({ hours }) => hours.filter((hour) => weightOf(hour, of) > 0)).reverse()
  if (told.length === 0) return null
  return (
    <Numbers of="the last 7 days">
      <caption class="visually-hidden">Hours of the last 7 days, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Hour, {zoneText(look.zone, now)}</th>
          {of === 'sign-ins' && <th scope="col">Sign-ins</th>}
          <th scope="col">Failures</th>
        </tr>
      </thead>
      <tbody>
        {told.map((hour) => (
          <tr>
            <th scope="row">{whenText(hour, look.zone)}</th>
            {of === 'sign-ins' && (
              <td>
                <a href={eventsOf(hour, 'sign-ins', account)}>{numberText(hour.signIns)}</a>
              </td>
            )}
            <td>
              <a href={eventsOf(hour, 'failed-sign-ins', account)}>{numberText(hour.failures)}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </Numbers>
  )
}

const weightOf = ({ signIns, failures }: ActivityHour, of: HeatProps['of']) =>
  of === 'failures' ? failures : Math.max(signIns, failures)

function lookOf(hour: ActivityHour, of: HeatProps['of'], most: number, now: Date) {
  if (hour.at > now) return { class: 'cell to-come' }
  // By the root, so that one bad hour does not make all others look alike.
  const level = Math.ceil(Math.sqrt(weightOf(hour, of) / most) * 3)
  return { class: hour.failures > 0 ? 'cell failure' : 'cell', 'data-level': level || undefined }
}

function linkOf(hour: ClockHour, of: HeatProps['of'], account: AccountId | undefined): string {
  return eventsOf(hour, of === 'failures' ? 'failed-sign-ins' : 'sign-in-history', account)
}

function titleOf(hour: ClockHour, of: HeatProps['of'], zone: string): string {
  const signIns = of === 'sign-ins' ? `${countText(hour.signIns, 'sign-in')}, ` : ''
  return `${whenText(hour, zone)} ${offsetText(hour.at, zone)}: ${signIns}${countText(hour.failures, 'failure')}`
}

const whenText = ({ at }: ClockHour, zone: string) =>
  `${weekdayText(at, zone)} ${dayMonthText(at, zone)}, ${clockText(at, zone).slice(0, 5)}`
const hourText = (hour: number) => String(hour).padStart(2, '0')
const round = (n: number) => Math.round(n * 10) / 10
