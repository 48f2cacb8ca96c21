import type { SQL } from 'drizzle-orm'
import { answerOut, follow } from '../../../src/api/following.js'
import { verifySession } from '../../../src/api/verifySession.js'
import type { Database, OpenDatabase } from '../../../src/db/connect.js'
import { parseSnapshot } from '../../../src/follower/snapshot.js'
import type { AppContext } from '../../../src/http/env.js'
import type { Node } from '../../../src/sessions/log/node.js'
import type { Receipts } from '../../../src/sessions/receipts/receipts.js'
import { createVerifier } from '../../../src/sessions/verify.js'
import { createSqlRoad, type SqlRoad, type SqlRoadOptions } from './sqlRoad.js'

export interface SimulatedNode {
  node: Node
  receipts: Receipts
  road: SqlRoad
  /** What the API answers an app process with, as JSON would have it. */
  respond(path: string, body: unknown, appId: string): Promise<unknown>
}

interface Body {
  token: string
  position?: string
  fresh?: boolean
  client?: { ip: string; userAgent: string }
  background: boolean
  items: { id: string; ip?: string }[]
}

/** The real node, with the API's real answers to app processes, over the simulated database. */
export function createSimulatedNode(options: Omit<SqlRoadOptions, 'apps'> & { cacheSize: number }): SimulatedNode {
  const { machine, id, planted, modules, leaseMs, cacheSize } = options
  let apps: SqlRoadOptions['apps'] = () => []
  const road = createSqlRoad({ ...options, apps: () => apps() })
  const node = modules.createNode({
    // The road stands in its place.
    database: {} as OpenDatabase,
    id,
    name: machine.name,
    version: '',
    leaseMs,
    cacheSize,
    clock: machine.clock,
    createTransport(told) {
      apps = told.apps
      return road
    },
    onFailure() {},
  })
  const verifier = createVerifier(node.engine)
  const receipts = modules.createReceipts({ db: tableOf(road), node, clock: machine.clock, onFailure() {} })

  /** What the API's functions take of a request: who asks, and whom. */
  const contextFor = (appId: string) =>
    ({
      var: { node, verifier, apiKey: { id: appId, app: { id: appId, name: '' } }, touches: { note() {} } },
    }) as unknown as AppContext

  return {
    node,
    receipts,
    road,
    async respond(path, body, appId) {
      const [resource = '', query] = path.slice(1).split('?')
      const asked = body as Body
      if (resource === 'revocations') return answerOut(await follow(contextFor(appId), followingIn(query)), node)
      if (resource === 'sessions/over')
        return {
          over: await node.over(
            asked.items.map(({ id, ip = null }) => ({ id, ip })),
            appId,
          ),
        }
      const { position: text, ...rest } = asked
      const applied = text === undefined ? undefined : parseSnapshot(text)
      const position = planted.positionIgnored ? node.engine.follower.position : applied
      return verifySession(contextFor(appId), { ...rest, position, fresh: rest.fresh ?? false } as Parameters<
        typeof verifySession
      >[1])
    },
  }
}

function followingIn(query: string | undefined): Parameters<typeof follow>[1] {
  const asked = new URLSearchParams(query)
  return {
    process: asked.get('process') ?? '',
    name: asked.get('name') ?? '',
    leaseMs: Number(asked.get('leaseMs')),
    after: parseSnapshot(asked.get('after') ?? ''),
  }
}

/** What receipts ask of the database: who follows, at each look. What they keep, nobody reads. */
const tableOf = (road: SqlRoad): Database =>
  ({ execute: (query: SQL) => (isInsert(query) ? Promise.resolve([]) : road.followers()) }) as unknown as Database

const isInsert = (query: SQL) => JSON.stringify(query.queryChunks[0]).includes('insert into')
