import type { Entry, RefusedNetwork } from './types.js'

/**
 * What travels between a node and an app process, as JSON. Instants do not travel, durations do: no two clocks are
 * compared. A position is a snapshot's text, opaque to everybody else.
 */

/** Answer of `GET /api/v1/revocations?after=...`, and `data` of the stream's events. */
export interface RevocationsAnswer {
  position: string
  /** ms since the node's last counted poll was sent */
  age: number
  /** Forget everything: the past is uncertain, or the position asked for is older than what the node holds. */
  anew: boolean
  items: Pick<Entry, 'kind' | 'target'>[]
  /** All in force; there when they may have changed. */
  networks?: (Pick<RefusedNetwork, 'network' | 'ask'> & { endsInMs: number | null })[]
}

/** An event of `GET /api/v1/revocations/stream`, named `revocations`. */
export interface RevocationsEvent extends RevocationsAnswer {
  /** `items` are what `position` sees and this did not. */
  from: string
}

/** Query of the poll beside `after`: who follows, for the panel's list and for receipts. */
export interface ProcessReport {
  /** Random, for the life of the process. */
  process: string
  name: string
  version: string
  leaseMs: number
  hits: number
  misses: number
  onUnavailable: 'deny' | 'allow-cached'
}

/** Beside the verdict, where `POST /sessions/verify` was asked with a `position`: what memory needs to know. */
export interface RememberedFor {
  /** ms since the node's last counted poll was sent; 0 where the database itself was asked. */
  age: number
  expiresInMs: number
  idleInMs: number
}

/** Answer of `POST /api/v1/sessions/over` `{items: [{id, ip?}]}` */
export interface OverAnswer {
  over: { id: string; reason: string }[]
}
