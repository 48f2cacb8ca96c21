import type { AppIcon, Role } from '../accounts/types.js'
import type { AccountId, AppId, SessionId } from '../db/ids.js'
import type { Device, Place } from '../devices/types.js'
import type { Sharing } from './lists/sharedAddress.js'
import type { Position } from './log/positions.js'

/**
 * Why a session is over. Each is a road to "ended" and all of them lead through `endSessions`;
 * `tests/integration/sessions/roads.test.ts` walks every one.
 */
export const END_REASONS = [
  'signed-out', // by the person, on this device
  'signed-out-elsewhere', // by the person, from another device
  'revoked', // by an administrator or an app's key
  'blocked', // the account was blocked
  'network-blocked',
  'password-changed',
  'password-required', // a new one, before anything else
  'role-changed',
  'kill-switch', // everyone, or everyone in an app
  'app-disabled',
  'replaced', // the same browser signed in anew, or its token was renewed
  'limit', // one session more than an account may have in one app
  'idle',
  'expired',
] as const
export type EndReason = (typeof END_REASONS)[number]

/** What many are counted up to: this number means "or more". */
export const MOST_COUNTED = 10_000

/** Why `verify` says no. */
export type DenialReason = 'unknown' | 'ended' | 'expired' | 'idle' | 'blocked' | 'network-blocked' | 'unavailable'

export type SignInMethod = 'password' | 'invitation' | 'setup' | (string & {})

/** One sign-in of one account, on one device, in one app: what lists, pages and the API show. Holds no secret. */
export interface Session {
  id: SessionId
  account: { id: AccountId; name: string; email: string | null; role: Role; blocked: boolean }
  app: { id: AppId; name: string; icon: AppIcon }
  /** By the one predicate (`live.ts`): would authenticate right now. */
  state: 'live' | 'ended'
  createdAt: Date
  /** When it ends at the latest, whatever happens. */
  expiresAt: Date
  lastSeenAt: Date
  requests: number
  method: SignInMethod
  /** At the sign-in. */
  ip: string | null
  place: Place
  /** Now: the last address it was used from. */
  lastIp: string | null
  lastPlace: Place
  device: Device
  userAgent: string
  /** Null while it is live. `by` is null for what ended by itself (idle, expired). */
  end: {
    at: Date
    reason: EndReason
    note: string | null
    by: { kind: string; id: string | null; name: string } | null
    /** Of the act, where one ended it: what its receipt goes by. */
    position: Position | null
  } | null
}

/** An address that a session was used from, in order of first use; the sign-in's own is the first. */
export interface SessionAddress {
  ip: string
  place: Place
  firstSeenAt: Date
}

/** Everything the drawer shows. */
export interface SessionDetail extends Session {
  addresses: SessionAddress[]
  /** The account's other live sessions, newest first, at most 20. */
  others: Session[]
  /** Other accounts in the list of live sessions by the same address. */
  sharing: Sharing
  /** Around its address: what one visitor can easily hold. */
  network: string | null
}

/** How a filter names "we do not know": a country or browser that no row has. */
export const UNKNOWN_VALUE = 'unknown'

/** What a list is asked for; everything optional, all of it combined with "and". */
export interface SessionFilter {
  account?: AccountId | undefined
  app?: AppId | undefined
  /** E-mail, name, address, network or session id, as an admin types it. */
  q?: string | undefined
  /** Whom `q` means, where that was looked up already (`withPeople`): one more than are looked at where it means more. */
  people?: readonly AccountId[] | undefined
  /** An address or a network in CIDR, canonical. */
  ip?: string | undefined
  country?: string | undefined
  browser?: string | undefined
  /** Of the browser: its leading number, or as it stands. */
  version?: string | undefined
  os?: string | undefined
  device?: string | undefined
  method?: string | undefined
  /** Signed in at or after. */
  since?: Date | undefined
  /** Not used for so many days. */
  unseenDays?: number | undefined
  state?: 'live' | 'ended' | 'all' | undefined
}

/** A year and a day: no session lives longer than that. */
export const MOST_UNSEEN_DAYS = 366

/** By sign-in time, which is the order of the ids, so that rows stay where they are while people work; or by last use. */
export const SESSION_SORTS = ['newest', 'oldest', 'seen', 'unseen'] as const
export type SessionSort = (typeof SESSION_SORTS)[number]

/** Up to so many live sessions every one is looked at, for every page: nothing is "about" in a small company. */
export const LOOKED_AT = 5_000

/** How many match. `about`: an estimate; `over`: that many were counted, and there are more; `up to`: no more than that. */
export interface Count {
  n: number
  how: 'exact' | 'about' | 'over' | 'up to'
}

/** One value of a filter with the number of sessions that have it. */
export interface Facet {
  value: string
  label: string
  /** Undefined where there are too many to count, or while many that ended together are being marked. */
  count: number | undefined
}
export interface Facets {
  app: Facet[]
  country: Facet[]
  browser: Facet[]
  os: Facet[]
  device: Facet[]
  method: Facet[]
}
