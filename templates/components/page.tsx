import { createContext, type PropsWithChildren, useContext } from 'hono/jsx'
import type { Role } from '../../src/accounts/types.js'
import type { AccountId, SessionId } from '../../src/db/ids.js'
import type { Look } from '../../src/http/look.js'
import type { Count } from '../../src/sessions/types.js'
import type { ToastProps } from './Toast.js'

/** What every page knows of its request. The routes make one a request and hand it to the layout. */
export interface Page {
  /** Path and query, for `return_to` and for the refresh of the live region. */
  path: string
  /** The one of this answer's Content-Security-Policy. */
  nonce: string
  now: Date
  /** Chosen by cookie; undefined follows the system. */
  theme: Theme | undefined
  /** How the viewer likes their pages. */
  look: Look
  viewer: Viewer | undefined
  can: Can
  /** Beside "Sessions" in the rail. */
  liveSessions?: Count | undefined
  /** Whose data says where an address is: "IP geolocation by DB-IP". */
  placeCredit?: string | undefined
  /** What the request before this one did. */
  toast?: ToastProps | undefined
}

export type Theme = 'light' | 'dark'

export interface Viewer {
  accountId: AccountId
  sessionId: SessionId
  name: string
  email: string | null
  role: Role
  /** Addresses and names are masked for them. */
  masked: boolean
}

/** What the viewer's role gives: what it does not give is not drawn. */
export interface Can {
  /** Sign out sessions. */
  revoke: boolean
  block: boolean
  /** Invite, change roles, settings, keys. */
  own: boolean
}

/** What the viewer may do to an account: only an owner touches an owner, nobody blocks themselves (S-32, S-35). */
export function reach(
  { can, viewer }: Pick<Page, 'can' | 'viewer'>,
  account: { id: AccountId; role: Role },
): { revoke: boolean; block: boolean } {
  const high = account.role === 'owner' && viewer?.role !== 'owner'
  return { revoke: can.revoke && !high, block: can.block && !high && account.id !== viewer?.accountId }
}

const Context = createContext<Page | undefined>(undefined)

export function PageProvider({ page, children }: PropsWithChildren<{ page: Page }>) {
  return <Context.Provider value={page}>{children}</Context.Provider>
}

/** The page that a component is drawn on. Only within a layout. */
export function usePage(): Page {
  const page = useContext(Context)
  if (!page) throw new Error('a component was drawn outside of a layout')
  return page
}

export interface HxAttributes {
  get?: string
  post?: string
  trigger?: string
  target?: string
  select?: string
  'select-oob'?: string
  swap?: string
  'push-url'?: string
  'replace-url'?: string
  headers?: string
  include?: string
  sync?: string
  disable?: string
  'status:4xx'?: string
  'status:5xx'?: string
}

/** htmx attributes of one element, with the nonce without which the extension `hx-csp` makes them inert (S-40). */
export function hx(attributes: HxAttributes): Record<string, string> {
  const named: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) named[`hx-${name}`] = value
  named['hx-nonce'] = usePage().nonce
  return named
}

/** A link that brings the form of another page into the dialog; without script it leads to that page. */
export const inDialog = (href: string): Record<string, string> => ({
  href,
  ...hx({ get: href, target: '#dialog', select: '#dialog-content', swap: 'innerHTML' }),
})

/** The same from within a dialog or its page: the other form takes the place of this one. */
export const insteadOfDialog = (href: string): Record<string, string> => ({
  href,
  ...hx({ get: href, target: 'closest .dialog-content', select: '#dialog-content', swap: 'outerHTML' }),
})

/**
 * The form of a dialog: what the server finds wrong (422) is shown in its place, over another page or on its own;
 * success leads on by HX-Redirect. Where the server could not do it, what was typed stays.
 */
export const stayInDialog = (action: string): Record<string, string> => ({
  method: 'post',
  action,
  ...hx({
    post: action,
    target: 'closest .dialog-content',
    select: '#dialog-content',
    swap: 'outerHTML',
    'status:5xx': 'swap:none',
    disable: 'find button[type=submit]',
  }),
})
