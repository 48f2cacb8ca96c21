import { createHash } from 'node:crypto'
import { addressBytes, isInNetwork, readNetwork } from '../../../src/follower/address.js'
import { hashWords } from '../../../src/follower/token.js'
import type { DenialReason } from '../../../src/follower/types.js'

/** The people, apps, addresses and tokens of every simulation: made once, since what they are called does not matter. */
export const ACCOUNTS = [0, 1, 2].map((n) => `0193a000-0000-7000-8000-00000000000${n}`)
export const APPS = [0, 1].map((n) => `0193a000-0000-7000-8000-0000000000a${n}`)
export const ADDRESSES = ['203.0.113.7', '198.51.100.9', '2001:db8::5', '192.0.2.44']
export const NETWORKS = ['203.0.113.0/24', '198.51.100.9', '2001:db8::/32', '203.0.113.0/28']

export interface Token {
  id: string
  text: string
  /** The same id with another secret: somebody guesses. */
  wrong: string
  secretHash: Int32Array
}

/** More than any schedule signs in. */
export const TOKENS: readonly Token[] = Array.from({ length: 64 }, (_, n) => {
  const id = `0193b000-0000-7000-8000-${(n + 1).toString(16).padStart(12, '0')}`
  const start = `rcs_${Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')}`
  const secretOf = (text: string) => createHash('sha256').update(text).digest()
  const secret = secretOf(`secret ${n}`).toString('base64url')
  return {
    id,
    text: start + secret,
    wrong: start + secretOf(`guess ${n}`).toString('base64url'),
    secretHash: hashWords(secretOf(secret)),
  }
})

/** What the database says of one session. Times are true time. */
export interface SessionRow {
  id: string
  accountId: string
  appId: string
  accountGeneration: number
  appGeneration: number
  everyoneGeneration: number
  createdAt: number
  lastSeenAt: number
  lastIp: string
  ended: 'ended' | 'idle' | 'expired' | undefined
}

export interface LogRow {
  kind: 'session' | 'account' | 'app' | 'everything' | 'network' | 'policy' | 'key'
  target: string
  xid: number
  at: number
}

/** Everything that was committed. Never changed: an act makes the next one. */
export interface State {
  sessions: ReadonlyMap<string, SessionRow>
  accounts: ReadonlyMap<string, { generation: number; blocked: boolean }>
  apps: ReadonlyMap<string, { generation: number; disabled: boolean }>
  everyone: number
  idleMs: number
  lifetimeMs: number
  networks: readonly { network: string; until: number | null }[]
  log: readonly LogRow[]
  removedTo: number | undefined
}

export function firstState(): State {
  return {
    sessions: new Map(),
    accounts: new Map(ACCOUNTS.map((id) => [id, { generation: 0, blocked: false }])),
    apps: new Map(APPS.map((id) => [id, { generation: 0, disabled: false }])),
    everyone: 0,
    idleMs: 30_000,
    lifetimeMs: 60_000,
    networks: [],
    log: [],
    removedTo: undefined,
  }
}

export type Over = Exclude<DenialReason, 'unknown' | 'unavailable' | 'network-blocked'>

/** As `whyNotLive` decides, networks apart. */
export function whyOver(state: State, row: SessionRow, at: number): Over | undefined {
  if (state.accounts.get(row.accountId)?.blocked) return 'blocked'
  if (row.ended) return row.ended
  const app = state.apps.get(row.appId)
  const isBornNow =
    row.accountGeneration === state.accounts.get(row.accountId)?.generation &&
    row.appGeneration === app?.generation &&
    row.everyoneGeneration === state.everyone
  if (!isBornNow || app?.disabled) return 'ended'
  if (expiresAt(state, row) <= at) return 'expired'
  if (row.lastSeenAt + state.idleMs <= at) return 'idle'
  return undefined
}

export const expiresAt = (state: State, row: SessionRow) => row.createdAt + state.lifetimeMs

export function isRefused(state: State, ip: string, at: number): boolean {
  return state.networks.some(({ network, until }) => (until === null || until > at) && isIn(ip, network))
}

const inside = new Map<string, boolean>()
function isIn(ip: string, network: string): boolean {
  const key = `${ip} ${network}`
  const known = inside.get(key)
  if (known !== undefined) return known
  const address = addressBytes(ip)
  const range = readNetwork(network)
  const found = address !== undefined && range !== undefined && isInNetwork(address, range.bytes, range.length)
  inside.set(key, found)
  return found
}
