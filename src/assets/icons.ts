import { APP_ICONS } from '../accounts/types.js'

/** The lucide icons that go into the sprite. A name that lucide does not have stops the build. */
export const ICONS = [
  'activity',
  'app-window',
  'arrow-down',
  'ban',
  'bookmark',
  'calendar',
  'chart-line',
  'check',
  'chevron-down',
  'chevron-left',
  'chevron-right',
  'chevron-up',
  'circle-alert',
  'circle-check',
  'clock',
  'code',
  'copy',
  'credit-card',
  'download',
  'ellipsis',
  'eye',
  'file-text',
  'globe',
  'history',
  'info',
  'key-round',
  'keyboard',
  'layout-dashboard',
  'link',
  'list-checks',
  'lock',
  'lock-open',
  'log-in',
  'log-out',
  'mail',
  'menu',
  'message-square',
  'monitor',
  'monitor-smartphone',
  'moon',
  'network',
  'pencil',
  'plus',
  'power',
  'radio',
  'scroll-text',
  'search',
  'server',
  'settings',
  'shield',
  'shield-alert',
  'shield-check',
  'sliders-horizontal',
  'smartphone',
  'store',
  'sun',
  'tablet',
  'terminal',
  'trash-2',
  'triangle-alert',
  'tv',
  'user',
  'user-plus',
  'users',
  'webhook',
  'x',
] as const
export type IconName = (typeof ICONS)[number]

/** Those that a row of a list may have: masks, as the marks are. */
export const ROW_ICONS = [...APP_ICONS, 'ellipsis', 'monitor'] as const
export type RowIconName = (typeof ROW_ICONS)[number]

/** Brand marks from simple-icons. Microsoft's are not in there (their owner objects): Windows is drawn below. */
export const MARKS = ['android', 'apple', 'firefox', 'googlechrome', 'linux', 'safari'] as const
/** Those that most lists have none of: files of their own, which only a list that has one asks for. */
export const RARE_MARKS = [
  'brave',
  'curl',
  'debian',
  'duckduckgo',
  'fedora',
  'go',
  'nodedotjs',
  'opera',
  'postman',
  'python',
  'torbrowser',
  'ubuntu',
  'vivaldi',
] as const
export type MarkName = (typeof MARKS)[number] | (typeof RARE_MARKS)[number] | 'windows'

export const WINDOWS_MARK =
  '<path d="M2 3.6 11 2.3V11.4H2zM12.2 2.1 22 .7V11.4H12.2zM2 12.6H11V21.7L2 20.4zM12.2 12.6H22V23.3L12.2 21.9z"/>'
