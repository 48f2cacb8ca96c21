import type { Page } from '../../templates/components/page.js'
import type { PaletteResult } from '../../templates/components/palette.js'
import { type App, listApps } from '../accounts/apps/apps.js'
import type { Database } from '../db/connect.js'
import { isNamed } from './palettePlaces.js'

const APPS_SHOWN = 6
/** As of people: acts are offered as long as it is plain which one is meant. */
const APPS_ACTED_ON = 2

/** Apps by the words of their names, and what the role allows to do about those who are signed in to one. */
export async function appsNamed(db: Database, meant: string, { can }: Pick<Page, 'can'>): Promise<PaletteResult[]> {
  if (meant === '') return []
  const named = (await listApps(db)).filter(({ name }) => isNamed(meant, `${name} app`)).slice(0, APPS_SHOWN)
  const acts = named.length <= APPS_ACTED_ON ? named.flatMap((app) => actsOn(app, can.own)) : []
  return [...named.map(toResult), ...acts]
}

const toResult = ({ id, name, icon, disabledAt }: App): PaletteResult => ({
  kind: 'App',
  href: `/admin/apps/${id}`,
  icon,
  text: name,
  ...(disabledAt ? { detail: 'Disabled' } : {}),
})

function actsOn({ id, name }: App, mayEnd: boolean): PaletteResult[] {
  const sessions: PaletteResult = {
    kind: 'Sessions',
    href: `/admin/sessions?app=${id}`,
    icon: 'radio',
    text: `Sessions in ${name}`,
  }
  const end: PaletteResult = {
    kind: 'Action',
    href: `/admin/kill-switch?app=${id}`,
    icon: 'log-out',
    tone: 'red',
    text: `Sign out everyone in ${name}…`,
  }
  return mayEnd ? [sessions, end] : [sessions]
}
