import { isSecure, readCookie } from './cookies.js'
import type { AppContext } from './env.js'
import { isZone } from './zones.js'

/** The columns of the list of sessions that one can do without. */
export const OPTIONAL_COLUMNS = ['device', 'where', 'app', 'signed-in', 'seen'] as const
export type OptionalColumn = (typeof OPTIONAL_COLUMNS)[number]
export const DENSITIES = ['comfortable', 'compact'] as const

/** How somebody likes their pages: kept by their browser and read by the server, so that nothing jumps. */
export interface Look {
  density: (typeof DENSITIES)[number]
  hiddenColumns: readonly OptionalColumn[]
  /** Shortcuts of a single key (WCAG 2.1.4). */
  singleKeys: boolean
  /** IANA name, told by the browser; UTC where it told none. */
  zone: string
}

export function readLook(c: AppContext): Look {
  const cookie = (name: string) => readCookie(c.req.header('cookie'), name) ?? ''
  const hidden = cookie('hidden-columns').split('.')
  return {
    density: cookie('density') === 'compact' ? 'compact' : 'comfortable',
    hiddenColumns: OPTIONAL_COLUMNS.filter((column) => hidden.includes(column)),
    singleKeys: cookie('single-keys') !== 'off',
    zone: isZone(cookie('zone')) ? cookie('zone') : 'UTC',
  }
}

/** What is not given stays as it is. */
export function keepLook(c: AppContext, { density, hiddenColumns, singleKeys }: Partial<Omit<Look, 'zone'>>): void {
  const secure = isSecure(c) ? '; Secure' : ''
  const keep = (name: string, value: string) =>
    c.header('Set-Cookie', `${name}=${value}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax${secure}`, {
      append: true,
    })
  if (density) keep('density', density)
  if (hiddenColumns) keep('hidden-columns', hiddenColumns.join('.'))
  if (singleKeys !== undefined) keep('single-keys', singleKeys ? 'on' : 'off')
}
