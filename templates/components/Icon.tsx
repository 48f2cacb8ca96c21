import { raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { flagAddress } from '../../src/assets/flags.js'
import type { IconName, MarkName, RowIconName } from '../../src/assets/icons.js'
import { asset } from '../../src/assets/manifest.js'
import type { Device } from '../../src/devices/types.js'
import { countryName } from '../../src/devices/words.js'

export type Tone = 'red' | 'amber' | 'green' | 'indigo'

/** An icon says nothing to a screen reader: the words beside it do. */
export function Icon({ name, size }: { name: IconName; size?: 13 | 14 | 16 | 20 }) {
  return drawnOnce(`${name} ${size}`, () => (
    <svg class="icon" data-size={size} aria-hidden="true" focusable="false">
      <use href={`${asset('icons.svg')}#${name}`} />
    </svg>
  ))
}

const drawn = new Map<string, HtmlEscapedString>()

/** A list has a thousand of them, of some forty kinds. Only for what is drawn of our own words: it is kept for good. */
function drawnOnce(key: string, draw: () => object): HtmlEscapedString {
  const before = drawn.get(key)
  if (before !== undefined) return before
  const now = raw(String(draw()))
  drawn.set(key, now)
  return now
}

/** An icon on a small soft square. */
export function IconTile({ name, tone, size }: { name: IconName; tone?: Tone | undefined; size?: 22 | 26 }) {
  return (
    <span class="icon-tile" data-tone={tone} data-size={size}>
      <Icon name={name} size={14} />
    </span>
  )
}

/** The flag of a country; its name for those who can't see it, unless that stands beside it (`silent`). Nothing to show is a globe. */
export function Flag({ country, silent }: { country: string | null; silent?: boolean }) {
  const address = country && flagAddress(country)
  if (!address) {
    return (
      <span class="no-flag">
        <RowIcon name="globe" size={13} />
      </span>
    )
  }
  const name = silent ? '' : countryName(country)
  // A title alone would make an image of it again, without a name.
  return <img class="flag" src={address} alt={name} title={name || undefined} width="18" height="14" />
}

export function BrowserMark({ browser }: { browser: string | null }) {
  return <Mark name={markOf(BROWSERS, browser)} fallback="globe" />
}

export function OsMark({ os }: { os: string | null }) {
  return <Mark name={markOf(SYSTEMS, os)} fallback="monitor" />
}

/** What kind of thing it is: a desk, a phone, a script. */
export const deviceIcon = (type: Device['type']): IconName =>
  ({
    desktop: 'monitor',
    mobile: 'smartphone',
    tablet: 'tablet',
    tv: 'tv',
    bot: 'terminal',
    script: 'terminal',
    unknown: 'monitor-smartphone',
  })[type] as IconName

function Mark({ name, fallback }: { name: MarkName | undefined; fallback: RowIconName }) {
  return <span class="mark" data-mask={name ?? fallback} aria-hidden="true" />
}

/**
 * An icon that a list has in every row: a mask over the colour of the text. For each `<use>` a browser makes a tree of its
 * own, and makes it anew when the file with the icons has come.
 */
export function RowIcon({ name, size }: { name: RowIconName; size?: 13 | 14 }) {
  return <span class="icon" data-mask={name} data-size={size} aria-hidden="true" />
}

const BROWSERS: [RegExp, MarkName][] = [
  [/chrom/i, 'googlechrome'],
  [/tor browser/i, 'torbrowser'],
  [/firefox/i, 'firefox'],
  [/safari|webkit/i, 'safari'],
  [/opera/i, 'opera'],
  [/brave/i, 'brave'],
  [/vivaldi/i, 'vivaldi'],
  [/duckduckgo/i, 'duckduckgo'],
  [/curl/i, 'curl'],
  [/python|requests/i, 'python'],
  [/node|undici|axios/i, 'nodedotjs'],
  [/postman/i, 'postman'],
  [/^go\b/i, 'go'],
]
const SYSTEMS: [RegExp, MarkName][] = [
  [/windows/i, 'windows'],
  [/mac|ios|ipad|iphone|watchos|tvos/i, 'apple'],
  [/android/i, 'android'],
  [/chrom/i, 'googlechrome'],
  [/ubuntu/i, 'ubuntu'],
  [/debian/i, 'debian'],
  [/fedora/i, 'fedora'],
  [/linux/i, 'linux'],
]

function markOf(marks: [RegExp, MarkName][], name: string | null): MarkName | undefined {
  return name ? marks.find(([pattern]) => pattern.test(name))?.[1] : undefined
}
