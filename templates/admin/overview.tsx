import type { AuditEvent } from '../../src/audit/types.js'
import type { AccountId } from '../../src/db/ids.js'
import type { Activity, HourCounts } from '../../src/sessions/lists/activity.js'
import type { SessionPlace } from '../../src/sessions/lists/places.js'
import type { Facet, Facets } from '../../src/sessions/types.js'
import { AuditSentence } from '../components/AuditSentence.js'
import { Avatar } from '../components/Avatar.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { BarFill } from '../components/charts.js'
import { BrowserMark, Icon, IconTile, OsMark } from '../components/Icon.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { type TileProps, Tiles } from '../components/Tile.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { dateText, dayText, momentText, numberText } from '../words.js'
import { GetStarted } from './getStarted.js'
import { HeatGrid } from './heatGrid.js'
import { ActivityCard, overviewPath } from './overviewActivity.js'
import { PlacesCard } from './overviewPlaces.js'
import { FacetCount, facetText } from './sessionFilters.js'
import { sessionsPath } from './sessionsQuery.js'

export interface OverviewProps {
  page: Page
  /** Blocks that end by themselves within 24 hours, soonest first. */
  expiring: ExpiringBlock[]
  /** Live sessions, people online, sign-ins and failures of 24 hours. */
  tiles: TileProps[]
  activity: Activity
  /** The hours of the last seven days that were counted. */
  week: HourCounts[]
  /** Where live sessions are: one a city or country, most first. */
  places: SessionPlace[]
  /** Of all live sessions. */
  facets: Facets
  /** How many countries they are in. */
  countries: number
  /** What admins did, newest first; five are shown. */
  events: AuditEvent[]
  /** Where this Rollcall is, while no app uses it: the first steps are shown. */
  newAt?: string | undefined
}

export interface ExpiringBlock {
  id: string
  kind: 'account' | 'network'
  /** The person, or the network. */
  name: string
  accountId: AccountId | null
  reason: string
  by: string
  createdAt: Date
  until: Date
}

export function OverviewPage({
  page,
  expiring,
  tiles,
  activity,
  week,
  places,
  facets,
  countries,
  events,
  newAt,
}: OverviewProps) {
  return (
    <Layout
      page={page}
      nav="overview"
      title="Overview"
      help="overview"
      subtitle="What needs you, and who is signed in right now."
      refresh={overviewPath(activity.range)}
    >
      <div class="band">
        <NeedsYou blocks={expiring} />
        {newAt && <GetStarted origin={newAt} />}
        <Tiles tiles={tiles} />
        <div class="overview-charts">
          <ActivityCard activity={activity} />
          <PlacesCard places={places} countries={countries} top={facets.country} />
        </div>
        <div class="overview-lists">
          {facets.app.length > 1 ? (
            <Bars title="Apps" name="app" facets={facets.app} />
          ) : (
            <Bars title="Devices" name="device" facets={facets.device} />
          )}
          <Bars title="Browsers" name="browser" facets={facets.browser} />
          <Bars title="Systems" name="os" facets={facets.os} />
          <WhatAdminsDid events={events} />
        </div>
        {week.length > 0 && <HeatGrid title="Failed sign-ins, last 7 days" hours={week} of="failures" />}
      </div>
    </Layout>
  )
}

function NeedsYou({ blocks }: { blocks: ExpiringBlock[] }) {
  const { now, can, look } = usePage()
  if (!blocks.length) {
    return (
      <section class="card" aria-label="Needs you">
        <p class="calm">
          <Icon name="circle-check" /> Nothing needs you right now.
        </p>
      </section>
    )
  }
  return (
    <Card
      flush
      title={
        <>
          Needs you <Badge>{numberText(blocks.length)}</Badge>
        </>
      }
      aside={
        <a class="link" href="/admin/blocks">
          All blocks
        </a>
      }
    >
      {blocks.map((block) => (
        <div class="needs" id={`n-${block.id}`}>
          <IconTile name="clock" tone="amber" />
          <span class="needs-what clip">
            Block expires {dayText(block.until, now, look.zone) === dayText(now, now, look.zone) ? 'today' : 'tomorrow'}{' '}
            <span>· {block.kind === 'network' ? <span class="mono">{block.name}</span> : block.name}</span>
          </span>
          <span class="muted clip" title={block.reason}>
            Until {momentText(block.until, now, look.zone)}. Blocked on {dateText(block.createdAt, now, look.zone)} by{' '}
            {block.by}, reason: {block.reason}
          </span>
          <span class="secondary">
            <Time at={block.until} />
          </span>
          <span class="row">
            {can.block && block.accountId && (
              <ButtonLink size="small" {...inDialog(`/admin/accounts/${block.accountId}/block`)}>
                Extend
              </ButtonLink>
            )}
            <ButtonLink size="small" href={block.accountId ? `/admin/accounts/${block.accountId}` : '/admin/blocks'}>
              View
            </ButtonLink>
          </span>
        </div>
      ))}
    </Card>
  )
}

function Bars({ title, name, facets }: { title: string; name: 'app' | 'browser' | 'os' | 'device'; facets: Facet[] }) {
  const shown = facets.slice(0, 5)
  const most = Math.max(1, ...shown.map((facet) => facet.count ?? 0))
  return (
    <Card title={title}>
      <div class="bars">
        {shown.map((facet) => (
          <a class="bar" href={sessionsPath({ [name]: facet.value })}>
            <BarFill share={(facet.count ?? 0) / most} />
            {name === 'browser' && <BrowserMark browser={facet.value} />}
            {name === 'os' && <OsMark os={facet.value} />}
            <span class="bar-label clip">{facetText(name, facet)}</span>
            <span class="bar-count">
              <FacetCount {...facet} short />
            </span>
          </a>
        ))}
        {!shown.length && <p class="muted">Nobody yet.</p>}
      </div>
    </Card>
  )
}

function WhatAdminsDid({ events }: { events: AuditEvent[] }) {
  return (
    <Card
      title="What admins did"
      aside={
        <a class="link" href="/admin/audit">
          Audit log
        </a>
      }
    >
      {events.slice(0, 5).map((event) => (
        <p class="did">
          <Avatar name={event.actor.name} size={20} />
          <span class="clip">
            <AuditSentence event={event} brief />
          </span>
          <Time at={event.at} />
        </p>
      ))}
      {!events.length && (
        <p class="muted">Sign-outs, blocks and changes of settings will stand here, with who did them.</p>
      )}
    </Card>
  )
}
