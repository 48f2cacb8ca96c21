import type { Change, Database } from './database.js'
import type { Act } from './schedule.js'
import { ACCOUNTS, ADDRESSES, APPS, isRefused, type LogRow, NETWORKS, type State, TOKENS, whyOver } from './world.js'

type Entries = Pick<LogRow, 'kind' | 'target'>[]
const changed = (state: State, kind: LogRow['kind'], target: string): { state: State; entries: Entries } => ({
  state,
  entries: [{ kind, target }],
})
const nothing = (state: State): { state: State; entries: Entries } => ({ state, entries: [] })
const at = (list: readonly string[], index: number) => list[index] as string

/**
 * What one act does to the database. What it reads, it reads now; what it changes, it changes in what is there when it
 * commits, as rows that are locked are.
 *
 * @param signedIn how many sessions there have been
 * @param next the number of the next session that signs in
 */
export function changeOf(
  act: Act,
  database: Database,
  now: number,
  signedIn: number,
  next: () => number,
): Change | undefined {
  switch (act.do) {
    case 'sign in':
      return signIn(
        at(ACCOUNTS, act.account),
        at(APPS, act.app),
        at(ADDRESSES, act.address),
        database.primary.state,
        now,
        next,
      )
    case 'revoke':
      return revoke(TOKENS[act.session % signedIn]?.id ?? '')
    case 'sign out everywhere':
      return (state) =>
        changed(raiseAccount(state, at(ACCOUNTS, act.account), {}), 'account', at(ACCOUNTS, act.account))
    case 'block':
      return (state) =>
        changed(raiseAccount(state, at(ACCOUNTS, act.account), { blocked: true }), 'account', at(ACCOUNTS, act.account))
    case 'lift':
      return (state) => {
        const id = at(ACCOUNTS, act.account)
        const generation = state.accounts.get(id)?.generation ?? 0
        const accounts = new Map(state.accounts).set(id, { generation, blocked: false })
        return changed({ ...state, accounts }, 'account', id)
      }
    case 'kill app':
      return (state) => {
        const id = at(APPS, act.app)
        const generation = (state.apps.get(id)?.generation ?? 0) + 1
        return changed({ ...state, apps: new Map(state.apps).set(id, { generation, disabled: false }) }, 'app', id)
      }
    case 'kill everyone':
      return (state) => changed({ ...state, everyone: state.everyone + 1 }, 'everything', 'everything')
    case 'block network':
      return (state, at) => {
        const network = NETWORKS[act.network] as string
        const others = state.networks.filter((one) => one.network !== network)
        const until = act.forMs === null ? null : at + act.forMs
        return changed({ ...state, networks: [...others, { network, until }] }, 'network', network)
      }
    case 'lift network':
      return (state) => {
        const network = NETWORKS[act.network] as string
        if (!state.networks.some((one) => one.network === network)) return nothing(state)
        return changed(
          { ...state, networks: state.networks.filter((one) => one.network !== network) },
          'network',
          network,
        )
      }
    case 'policy':
      return (state) => changed({ ...state, idleMs: act.idleMs, lifetimeMs: act.lifetimeMs }, 'policy', 'timeouts')
    case 'sweep':
      return sweep
  }
}

/** The generations are those that were read when the credentials were checked (S-13). */
function signIn(accountId: string, appId: string, ip: string, read: State, now: number, next: () => number) {
  const token = TOKENS[next()]
  const account = read.accounts.get(accountId)
  if (!token || account?.blocked) return undefined
  const row = {
    id: token.id,
    accountId,
    appId,
    accountGeneration: account?.generation ?? 0,
    appGeneration: read.apps.get(appId)?.generation ?? 0,
    everyoneGeneration: read.everyone,
    createdAt: now,
    lastSeenAt: now,
    lastIp: ip,
    ended: undefined,
  }
  return (state: State, at: number) =>
    nothing(isRefused(state, ip, at) ? state : { ...state, sessions: new Map(state.sessions).set(row.id, row) })
}

function revoke(id: string): Change {
  return (state) => {
    const row = state.sessions.get(id)
    if (!row || row.ended) return nothing(state)
    return changed({ ...state, sessions: new Map(state.sessions).set(id, { ...row, ended: 'ended' }) }, 'session', id)
  }
}

function raiseAccount(state: State, id: string, more: { blocked?: boolean }): State {
  const account = state.accounts.get(id) ?? { generation: 0, blocked: false }
  const raised = { ...account, ...more, generation: account.generation + 1 }
  return { ...state, accounts: new Map(state.accounts).set(id, raised) }
}

const GRACE_MS = 10_000

/** Marks what is over by time, idle ones two intervals of touches late. */
function sweep(state: State, at: number): { state: State; entries: Entries } {
  const sessions = new Map(state.sessions)
  const entries: Entries = []
  for (const row of state.sessions.values()) {
    if (row.ended) continue
    const isIdle = whyOver(state, row, at - GRACE_MS) === 'idle'
    const ended = whyOver(state, row, at) === 'expired' ? ('expired' as const) : isIdle ? ('idle' as const) : undefined
    if (!ended) continue
    sessions.set(row.id, { ...row, ended })
    entries.push({ kind: 'session', target: row.id })
  }
  return { state: { ...state, sessions }, entries }
}
