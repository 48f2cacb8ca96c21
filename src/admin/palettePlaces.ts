import type { Can } from '../../templates/components/page.js'
import type { PaletteResult } from '../../templates/components/palette.js'

interface PalettePlace extends PaletteResult {
  /** What else one may call it. */
  also: string
  /** What the viewer's role must give; everyone with the panel has the rest. */
  needs?: keyof Can
}

const action = (place: Omit<PalettePlace, 'kind'>): PalettePlace => ({ ...place, kind: 'Action' })
const page = (place: Omit<PalettePlace, 'kind'>): PalettePlace => ({ ...place, kind: 'Page' })

/** Where the menu with the formats stands: what is exported is what the list's filter shows. */
const EXPORTED = [
  ['sessions', 'sessions'],
  ['accounts', 'accounts'],
  ['blocks', 'blocks'],
  ['audit', 'the audit log'],
] as const

const PLACES: PalettePlace[] = [
  page({ href: '/admin', icon: 'layout-dashboard', text: 'Overview', also: 'home dashboard charts map start' }),
  page({ href: '/admin/sessions', icon: 'radio', text: 'Live sessions', also: 'who is signed in online now list' }),
  page({
    href: '/admin/sessions?state=ended',
    icon: 'history',
    text: 'Ended sessions',
    also: 'past signed out history',
  }),
  page({ href: '/admin/jobs', icon: 'log-out', text: 'Mass sign-outs', also: 'jobs bulk progress pause many' }),
  page({ href: '/admin/accounts', icon: 'users', text: 'Accounts', also: 'people persons users everyone' }),
  page({ href: '/admin/accounts?status=blocked', icon: 'ban', text: 'Blocked accounts', also: 'people refused' }),
  page({
    href: '/admin/accounts?role=admins',
    icon: 'shield',
    text: 'Accounts with a role',
    also: 'admins owners viewers',
  }),
  page({ href: '/admin/blocks', icon: 'ban', text: 'Blocks', also: 'blocked accounts networks addresses cidr' }),
  page({ href: '/admin/audit', icon: 'scroll-text', text: 'Audit log', also: 'who did what events history' }),
  page({
    href: '/admin/audit?group=failures',
    icon: 'triangle-alert',
    text: 'Failures in the audit log',
    also: 'failed refused sign-ins',
  }),
  page({
    href: '/admin/audit?group=detections',
    icon: 'triangle-alert',
    text: 'Detections in the audit log',
    also: 'suspicious guessing spraying attacks',
  }),
  page({
    href: '/admin/audit/chain',
    icon: 'link',
    text: 'Chain of the audit log',
    also: 'verify verified seals hashes tampered head',
  }),
  page({
    href: '/admin/apps',
    icon: 'app-window',
    text: 'Apps',
    also: 'applications services policy health processes keys',
  }),
  page({ href: '/admin/settings', icon: 'settings', text: 'Settings', also: 'policy timeouts idle limit contact' }),
  page({
    href: '/admin/settings/admins',
    icon: 'shield-check',
    text: 'Settings: admins',
    also: 'roles owners responders viewers',
  }),
  page({
    href: '/admin/settings#sessionDays',
    icon: 'history',
    text: 'Settings: retention',
    also: 'days kept ended sessions audit log remove delete',
  }),
  page({
    href: '/admin/settings#maskForViewers',
    icon: 'eye',
    text: 'Settings: masking for viewers',
    also: 'mask masked hide addresses names privacy',
  }),
  page({
    href: '/admin/settings/keys',
    icon: 'key-round',
    text: 'Settings: API keys',
    also: 'apps scopes tokens',
    needs: 'own',
  }),
  page({
    href: '/admin/settings/hosts',
    icon: 'globe',
    text: 'Settings: protected hosts',
    also: 'proxy nginx caddy traefik forward-auth rules paths',
    needs: 'own',
  }),
  page({
    href: '/admin/settings/webhooks',
    icon: 'webhook',
    text: 'Settings: webhooks',
    also: 'events deliveries endpoints notify siem',
    needs: 'own',
  }),
  page({
    href: '/admin/settings/about',
    icon: 'info',
    text: 'Settings: about',
    also: 'nodes lease version database lag processes',
  }),
  page({ href: '/account/sessions', icon: 'monitor-smartphone', text: 'Your devices', also: 'own sessions mine' }),
  page({ href: '/account/security', icon: 'lock', text: 'Your password', also: 'change own security' }),
  action({
    href: '/admin/accounts/invite',
    icon: 'user-plus',
    text: 'Invite a person…',
    also: 'add new account user',
    needs: 'block',
  }),
  action({
    href: '/admin/blocks/new',
    icon: 'network',
    text: 'Block a network…',
    also: 'address cidr ban refuse',
    needs: 'block',
  }),
  action({
    href: '/admin/blocks/import',
    icon: 'network',
    text: 'Block a list of networks…',
    also: 'import csv file feed many addresses cidr',
    needs: 'block',
  }),
  action({
    href: '/admin/kill-switch',
    icon: 'log-out',
    text: 'Sign out everyone…',
    also: 'kill switch emergency end all sessions log off',
    needs: 'own',
    tone: 'red',
  }),
  // What the open page itself does: `static/js/palette.js` knows these two.
  action({ href: '#theme', icon: 'moon', text: 'Switch between light and dark', also: 'theme mode color colour' }),
  action({ href: '#keys', icon: 'keyboard', text: 'Keys', also: 'help keyboard shortcuts hotkeys ?' }),
  ...EXPORTED.map(([list, text]) =>
    action({
      href: `/admin/${list}#export-menu`,
      icon: 'download',
      text: `Export ${text}…`,
      also: 'download file csv json lines save',
    }),
  ),
  action({
    href: '/admin/apps/new',
    icon: 'app-window',
    text: 'Add an app…',
    also: 'new connect express hono nginx caddy snippet key',
    needs: 'own',
  }),
  action({
    href: '/admin/settings/keys/new',
    icon: 'key-round',
    text: 'Make an API key…',
    also: 'new create app token',
    needs: 'own',
  }),
  action({
    href: '/admin/settings/hosts/new',
    icon: 'globe',
    text: 'Protect a host…',
    also: 'new add proxy nginx caddy traefik forward-auth',
    needs: 'own',
  }),
  action({
    href: '/admin/settings/webhooks/new',
    icon: 'webhook',
    text: 'Add a webhook…',
    also: 'new create events notify siem endpoint',
    needs: 'own',
  }),
]

/** Pages and actions of which every typed word begins a word; all of them when nothing was typed. */
export function placesNamed(typed: string, can: Can): PaletteResult[] {
  return PLACES.filter(({ needs }) => !needs || can[needs])
    .filter(({ text, also }) => isNamed(typed, `${text} ${also}`))
    .map(({ also: _, needs: __, ...result }) => result)
}

/** Whether every typed word begins a word of the text. */
export const isNamed = (typed: string, text: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => ` ${text}`.toLowerCase().includes(` ${word}`))
