import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { Limits } from '../accounts/limits.js'
import type { Passwords } from '../accounts/passwords/passwords.js'
import type { ApiKey } from '../accounts/types.js'
import type { Previews } from '../admin/previews.js'
import type { Counts } from '../api/counts.js'
import type { KeyRates } from '../api/keyRates.js'
import type { RememberedKeys } from '../api/rememberedKeys.js'
import type { RevocationStreams } from '../api/revocationStream.js'
import type { Actor } from '../audit/types.js'
import type { Config } from '../config.js'
import type { Database } from '../db/connect.js'
import type { Networks } from '../devices/address.js'
import type { Places } from '../devices/place.js'
import type { HandedTo } from '../forward/handedTo.js'
import type { RememberedHosts } from '../forward/rememberedHosts.js'
import type { Feed } from '../sessions/feed/feed.js'
import type { News } from '../sessions/feed/news.js'
import type { OpenScreens } from '../sessions/feed/openScreens.js'
import type { Node } from '../sessions/log/node.js'
import type { Position } from '../sessions/log/positions.js'
import type { Receipts } from '../sessions/receipts/receipts.js'
import type { TouchBuffer, Uses } from '../sessions/touch.js'
import type { Verdict, Verifier } from '../sessions/verify.js'
import type { Webhooks } from '../webhooks/service.js'
import type { Exports } from './exports.js'
import type { Streams } from './streams.js'

/** What the process owns and every request may use. */
export interface Services {
  config: Config
  db: Database
  uses: Uses
  databaseKind: 'pglite' | 'postgres'
  log: Logger
  /** The session engine of this process. */
  node: Node
  /** Who refuses what was ended here. */
  receipts: Receipts
  verifier: Verifier
  touches: TouchBuffer
  feed: Feed
  /** The feed, folded for open pages. */
  news: News
  streams: Streams
  /** What they show, asked for together. */
  screens: OpenScreens
  exports: Exports
  /** Of what keys would end by a filter. */
  counts: Counts
  /** Of what admins would. */
  previews: Previews
  /** API keys in memory, and the streams of those who follow by them. */
  keys: RememberedKeys
  /** How often a key may ask. */
  keyRates: KeyRates
  revocationStreams: RevocationStreams
  /** Hosts that a reverse proxy protects, in memory. */
  hosts: RememberedHosts
  /** Where sessions of protected hosts are good, in memory. */
  handedTo: HandedTo
  webhooks: Webhooks
  places: Places
  trustedProxies: Networks
  limits: Limits
  passwords: Passwords
  /** Whether addresses and names are masked for viewers: each of their requests asks. */
  masksForViewers: () => Promise<boolean>
}

export type ActiveSession = Extract<Verdict, { status: 'active' }>

export type AppEnv = {
  Bindings: HttpBindings
  Variables: Services & {
    requestId: string
    /** Of the Content-Security-Policy: what carries it may run, nothing else. */
    nonce: string
    /** The whole Content-Security-Policy, of a page that has one of its own. */
    policy: string | undefined
    /** Canonical address of the client, or null when none can be told. */
    ip: string | null
    /** The built-in site's session of this request, once `signedIn` or `allow` let it pass. */
    current: ActiveSession
    /** Addresses and names are masked for whoever is signed in. */
    masked: boolean | undefined
    /** Who acts, once a role or a scope was checked. */
    actor: Actor
    /** Of the API. */
    apiKey: ApiKey
    /** Of the last act of this request that ended trust or gave it back, once it has committed. */
    position: Position | undefined
    /** What to say, and do, where the database fails from here on: something is done already. */
    doneSoFar: string | undefined
  }
}

export type AppContext = Context<AppEnv>
