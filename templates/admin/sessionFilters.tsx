import { countryName } from '../../src/devices/words.js'
import type { Facet, Facets } from '../../src/sessions/types.js'
import { BrowserMark, Flag, OsMark } from '../components/Icon.js'
import { usePage } from '../components/page.js'
import { ActiveChip, Chip, Chips, type FilterGroup } from '../components/Toolbar.js'
import { countText, deviceTypeText, methodText, momentText, numberText, shortNumberText } from '../words.js'
import { type SessionsQuery, sessionsPath } from './sessionsQuery.js'

interface FiltersProps {
  filter: SessionsQuery
  facets: Facets
  /** Whose sessions the list holds, when it is filtered by account. */
  account: string | undefined
}

/** State, the filters that are on, and the values that most people look for. */
export function Filters({ filter, facets, account }: FiltersProps) {
  const first = { ...filter, after: undefined, before: undefined }
  const state = filter.state ?? 'live'
  const active = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => filter[name])
  const { now, look } = usePage()
  const label = (name: keyof typeof NAMES) => {
    const value = String(filter[name] ?? '')
    if (name === 'account') return account ?? value
    if (name === 'since') return momentText(new Date(value), now, look.zone)
    const facet = name in facets ? facets[name as keyof Facets].find((one) => one.value === value) : undefined
    return facetText(name, facet ?? { value, label: value, count: undefined })
  }
  return (
    <Chips label="Filters">
      {(['live', 'ended', 'all'] as const).map((one) => (
        <Chip href={sessionsPath({ ...first, state: one })} on={state === one}>
          {one === 'live' ? 'Live' : one === 'ended' ? 'Ended' : 'All'}
        </Chip>
      ))}
      {active.map((name) => (
        <ActiveChip href={sessionsPath({ ...first, ...instead(name) })} name={NAMES[name]} value={label(name)} />
      ))}
      {!active.length && state === 'live' && quickChips(first, facets)}
    </Chips>
  )
}

/** What is named by an id or a moment is known by the kind of it. */
const UNSAID = ['app', 'account', 'since']

/** Without one of what narrows the list each. Nothing matches, so no value has a name in the facets. */
export function waysToWiden(filter: SessionsQuery): { href: string; text: string }[] {
  const first = { ...filter, after: undefined, before: undefined }
  const named = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => filter[name])
  return [
    ...(filter.q ? [{ href: sessionsPath({ ...first, q: undefined }), text: `Without “${filter.q}”` }] : []),
    ...named.map((name) => {
      const value = String(filter[name] ?? '')
      const said = UNSAID.includes(name) ? '' : `: ${facetText(name, { value, label: value, count: 0 })}`
      return { href: sessionsPath({ ...first, ...instead(name) }), text: `Without ${NAMES[name]}${said}` }
    }),
    ...(filter.state === 'all'
      ? []
      : [{ href: sessionsPath({ ...first, state: 'all' }), text: 'Live and ended ones' }]),
  ]
}

/** One value in place of another, or of none. A version is one of its browser, and goes with it. */
const instead = (name: keyof typeof NAMES, value?: string): SessionsQuery =>
  name === 'browser' ? { browser: value, version: undefined } : { [name]: value }

const NAMES = {
  account: 'Account',
  app: 'App',
  country: 'Country',
  browser: 'Browser',
  version: 'Version',
  os: 'System',
  device: 'Device',
  method: 'Method',
  ip: 'Address',
  since: 'Signed in since',
  unseenDays: 'Not seen for',
} as const

/** The two values that most people filter by, where they narrow anything. */
function quickChips(filter: SessionsQuery, { country, device }: Facets) {
  const phones = device.find((one) => one.value === 'mobile')
  const known = country.filter((one) => one.value !== 'unknown')
  const places = country.length > 1 ? known.slice(0, 2) : []
  return (
    <>
      {places.map((one) => (
        <Chip href={sessionsPath({ ...filter, country: one.value })} count={one.count}>
          {countryName(one.value)}
        </Chip>
      ))}
      {phones && device.length > 1 && (
        <Chip href={sessionsPath({ ...filter, device: 'mobile' })} count={phones.count}>
          Phones
        </Chip>
      )}
    </>
  )
}

/** Every value there is, for the menu. */
export function filterGroups(query: SessionsQuery, facets: Facets, now: Date): FilterGroup[] {
  const filter = { ...query, after: undefined, before: undefined }
  const group = (title: string, name: keyof Facets, before?: (value: string) => unknown): FilterGroup => ({
    title,
    options: facets[name].map((facet) => ({
      href: sessionsPath({ ...filter, ...instead(name, filter[name] === facet.value ? undefined : facet.value) }),
      label: (
        <>
          {before?.(facet.value)}
          <span class="clip">{facetText(name, facet)}</span>
        </>
      ),
      count: facet.count,
      on: filter[name] === facet.value,
    })),
  })
  return [
    group('Country', 'country', (value) => <Flag country={value} silent />),
    group('Browser', 'browser', (value) => <BrowserMark browser={value} />),
    group('System', 'os', (value) => <OsMark os={value} />),
    group('Device', 'device'),
    group('App', 'app'),
    group('Signed in with', 'method'),
    sinceGroup(filter, now),
    ...(filter.state === 'ended' ? [] : [unseenGroup(filter)]),
  ]
}

const HOUR = 3_600_000
const SINCE: [string, number][] = [
  ['Last hour', HOUR],
  ['Last 24 hours', 24 * HOUR],
  ['Last 7 days', 7 * 24 * HOUR],
  ['Last 30 days', 30 * 24 * HOUR],
]

/** Moments, so that further pages, and who is about to be signed out, stay the same while one reads. */
function sinceGroup(filter: SessionsQuery, now: Date): FilterGroup {
  return {
    title: 'Signed in since',
    options: SINCE.map(([label, ms]) => {
      const since = `${new Date(now.getTime() - ms).toISOString().slice(0, 16)}Z`
      const on = filter.since === since
      return {
        href: sessionsPath({ ...filter, since: on ? undefined : since }),
        label: <span class="clip">{label}</span>,
        on,
      }
    }),
  }
}

const UNSEEN_DAYS = [1, 7, 30, 90]

function unseenGroup(filter: SessionsQuery): FilterGroup {
  return {
    title: 'Not seen for',
    options: UNSEEN_DAYS.map((days) => ({
      href: sessionsPath({ ...filter, unseenDays: filter.unseenDays === days ? undefined : days }),
      label: <span class="clip">{countText(days, 'day')}</span>,
      on: filter.unseenDays === days,
    })),
  }
}

/** How many have a value. */
export function FacetCount({ count, short = false }: Pick<Facet, 'count'> & { short?: boolean }) {
  if (count !== undefined) return <>{short ? shortNumberText(count) : numberText(count)}</>
  return (
    <>
      <span aria-hidden="true">…</span>
      <span class="visually-hidden">being counted</span>
    </>
  )
}

/** What a value of a filter is called. */
export function facetText(name: string, { value, label }: Facet): string {
  if (value === 'unknown') return 'Unknown'
  if (name === 'country') return countryName(value)
  if (name === 'method') return methodText(value)
  if (name === 'device') return deviceTypeText(value)
  if (name === 'unseenDays') return countText(Number(value), 'day')
  return label
}
