import { answerOut } from '../../../src/api/following.js'
import { verifySession } from '../../../src/api/verifySession.js'
import type { OpenDatabase } from '../../../src/db/connect.js'
import { parseSnapshot } from '../../../src/follower/snapshot.js'
import type { AppContext } from '../../../src/http/env.js'
import type { Node } from '../../../src/sessions/log/node.js'
import { createVerifier } from '../../../src/sessions/verify.js'
import { createSqlRoad, type SqlRoad, type SqlRoadOptions } from './sqlRoad.js'

export interface SimulatedNode {
  node: Node
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
export function createSimulatedNode(options: SqlRoadOptions & { leaseMs: number; cacheSize: number }): SimulatedNode {
  const { machine, planted, modules, leaseMs, cacheSize } = options
  const road = createSqlRoad(options)
  const node = modules.createNode({
    // The road stands in its place.
    database: {} as OpenDatabase,
    id: machine.name,
    name: machine.name,
    version: '',
    leaseMs,
    cacheSize,
    clock: machine.clock,
    createTransport: () => road,
    onFailure() {},
  })
  const verifier = createVerifier(node.engine)

  /** What the API's functions take of a request: who asks, and whom. */
  const contextFor = (appId: string) =>
    ({ var: { node, verifier, apiKey: { app: { id: appId } }, touches: { note() {} } } }) as unknown as AppContext

  return {
    node,
    road,
    async respond(path, body, appId) {
      const [, resource = '', after = ''] = /^\/([\w/]+)(?:\?.*after=([^&]*))?/.exec(path) ?? []
      const asked = body as Body
      if (resource === 'revocations')
        return answerOut(await node.answer(parseSnapshot(decodeURIComponent(after))), node)
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
