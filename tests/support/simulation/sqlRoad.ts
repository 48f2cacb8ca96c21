import { inTime } from '../../../src/follower/follower.js'
import { formatSnapshot, sees } from '../../../src/follower/snapshot.js'
import type { Answer, CheckRequest, Loaded, Snapshot } from '../../../src/follower/types.js'
import type { SqlTransport } from '../../../src/sessions/log/sqlTransport.js'
import { type Database, isUncertain, type Known, type Server } from './database.js'
import type { Machine } from './machine.js'
import type { Modules } from './modules.js'
import type { Answering, Network } from './network.js'
import type { Planted } from './planted.js'
import type { Random } from './random.js'
import type { Timeline } from './timeline.js'
import { expiresAt, isRefused, TOKENS, type Token, whyOver } from './world.js'

export interface SqlRoad extends SqlTransport {
  /** As `readFollowers` asks. */
  followers(): Promise<object[]>
  /** A use of a session is written. */
  touch(sessionId: string, ip: string, agoMs: number): Promise<void>
}

export interface SqlRoadOptions {
  machine: Machine
  /** Of this life of the process. */
  id: string
  /** What the heartbeat tells of the app processes that follow it. */
  apps: () => readonly object[]
  leaseMs: number
  network: Network
  database: Database
  timeline: Timeline
  random: Random
  planted: Planted
  modules: Modules
}

/** Who has heard nothing for so long never will. */
export const SILENT_MS = 1_500

/** A node's way to the simulated database, by the rules of `src/sessions/log/sqlTransport.ts` and what it is made of. */
export function createSqlRoad(options: SqlRoadOptions): SqlRoad {
  const { machine, id, apps, leaseMs, network, database, timeline, random, planted, modules } = options
  const known: Known = {}
  let toReport: Snapshot | undefined
  let isReporting = false

  function ask<T>(handle: (server: Server, answer: Answering<T>) => void): Promise<T> {
    const asked = network.ask<T>(machine, 'database', (answer) => {
      const server = database.serverFor(machine.name)
      if (server.isUp) handle(server, answer)
      else answer.refuse(new Error('the database is not there'))
    })
    return inTime(asked, machine.clock, SILENT_MS)
  }

  function look(server: Server, after: Snapshot | undefined): Answer {
    const snapshot = server.snapshot()
    const anew = after !== undefined && isUncertain(server, machine.name, after, snapshot, known, options)
    const entries = after && !anew ? server.state.log.filter((row) => isNew(row.xid, after)) : []
    const fresh = !after || anew || entries.some(({ kind }) => kind === 'network' || kind === 'policy')
    const networks = server.state.networks.filter(({ until }) => until === null || until > timeline.now)
    return {
      snapshot,
      entries: entries.map(({ kind, target, xid }) => ({ kind, target, xid })),
      ageMs: 0,
      anew,
      nowMs: timeline.now,
      ...(fresh ? { networks: networks.map(({ network, until }) => ({ network, endsAt: until, ask: false })) } : {}),
    }
  }

  function tell(row: { apps: readonly object[]; snapshot?: string; hasLeft?: boolean }): Promise<void> {
    return ask((server, respond) => {
      const reportedAt = timeline.now
      const transaction = server.begin()
      transaction.tells = (followers) => followers.report({ ...row, id, reportedAt })
      timeline.after(random.between(0, 3), () => transaction.commit(undefined, () => respond(undefined)))
    })
  }

  const isNew = (xid: number, after: Snapshot) => (planted.idOrder ? xid >= after.xmax : !sees(after, xid))

  return {
    async poll(after) {
      const row = { id, name: machine.name, leaseMs, snapshot: after ? formatSnapshot(after) : null, apps: apps() }
      const { answer, run, at } = await ask<{ answer: Answer; run: string; at: number }>((server, respond) => {
        const answer = look(server, after)
        const at = timeline.now
        const transaction = server.begin()
        transaction.beat = { node: machine.name, at }
        transaction.tells = (followers) => followers.beat({ ...row, seenAt: at })
        timeline.after(random.between(0, 3), () =>
          transaction.commit(undefined, () => respond({ answer, run: server.run, at })),
        )
      })
      known.run = run
      known.beatAt = at
      known.sure = answer.snapshot
      return answer
    },
    async read(after) {
      const { answer, run } = await ask<{ answer: Answer; run: string }>((server, respond) =>
        respond({ answer: look(server, after), run: server.run }),
      )
      known.run = run
      return answer
    },
    load: (text, request, position) =>
      ask<Loaded>((server, respond) => {
        if (position && !modules.isAtOrPast(server.snapshot(), position)) {
          respond.refuse(new Error('a database that has not seen what this process has'))
        } else respond(loadFrom(server, tokenOf(text), request, timeline.now))
      }),
    over: (watched, appId) =>
      ask((server, respond) => {
        const over: Awaited<ReturnType<SqlTransport['over']>> = []
        for (const { id, ip } of watched) {
          const row = server.state.sessions.get(id)
          const refused = row && isRefused(server.state, ip ?? row.lastIp, timeline.now)
          const isTheirs = row && (appId === undefined || row.appId === appId)
          const reason = isTheirs ? whyOver(server.state, row, timeline.now) : 'unknown'
          if (reason) over.push({ id, reason })
          else if (refused) over.push({ id, reason: 'network-blocked' })
        }
        respond(over)
      }),
    // The simulation nudges.
    listen: async () => {},
    async report(snapshot) {
      toReport = snapshot
      if (isReporting) return
      isReporting = true
      try {
        while (toReport) {
          const row = { snapshot: formatSnapshot(toReport), apps: apps() }
          toReport = undefined
          await tell(row)
        }
      } catch {
        // The next poll writes it.
      } finally {
        isReporting = false
      }
    },
    leave: () => tell({ apps: apps(), hasLeft: true }),
    followers: () => ask((server, respond) => respond(server.followers.read(timeline.now, server.era))),
    nudged: true,
    touch: (sessionId, ip, agoMs) =>
      ask((server, respond) => {
        const usedAt = timeline.now - agoMs
        const transaction = server.begin()
        const read = server.state.sessions.get(sessionId)
        timeline.after(random.between(0, random.chance(0.1) ? 2_000 : 5), () =>
          transaction.commit(
            (state) => {
              const row = planted.touchRevives ? read : state.sessions.get(sessionId)
              const isRefusedNow = isRefused(state, ip, timeline.now)
              const isLive = row && (planted.touchRevives || (!whyOver(state, row, usedAt) && !isRefusedNow))
              if (!row || !isLive) return { state, entries: [] }
              const used = { ...row, lastSeenAt: Math.max(row.lastSeenAt, usedAt), lastIp: ip }
              return { state: { ...state, sessions: new Map(state.sessions).set(sessionId, used) }, entries: [] }
            },
            () => respond(undefined),
          ),
        )
      }),
  }
}

export function tokenOf(text: string): Token | undefined {
  return byText.get(text)
}
const byText = new Map(TOKENS.flatMap((token) => [token.text, token.wrong].map((text) => [text, token])))

function loadFrom(server: Server, token: Token | undefined, request: CheckRequest, now: number): Loaded {
  const { state } = server
  const row = token && state.sessions.get(token.id)
  if (!token || !row) return { status: 'unknown', idIsFree: true }
  const end = expiresAt(state, row)
  const over = whyOver(state, row, now)
  return {
    status: 'known',
    facts: {
      id: row.id,
      secretHash: token.secretHash,
      appId: row.appId,
      method: 'password',
      createdAt: row.createdAt,
      expiresAt: end,
      idleTimeoutMs: state.idleMs,
      account: { id: row.accountId, name: 'Somebody', email: null, role: 'person' },
      over,
      unsure: over === 'idle' && !row.ended,
      expiryDeadline: end,
      idleDeadline: row.lastSeenAt + state.idleMs,
    },
    networkBlocked: isRefused(state, request.ip ?? row.lastIp, now),
    ageMs: 0,
  }
}
