import { answerOut } from '../../../src/api/following.js'
import { readPushed } from '../../../src/client/answers.js'
import type { Engine } from '../../../src/follower/engine.js'
import { inTime } from '../../../src/follower/follower.js'
import { formatSnapshot } from '../../../src/follower/snapshot.js'
import type { Transport } from '../../../src/follower/types.js'
import type { Machine } from './machine.js'
import type { Modules } from './modules.js'
import type { Network } from './network.js'
import type { SimulatedNode } from './node.js'
import type { Planted } from './planted.js'

export interface Peer {
  machine: Machine
  node: SimulatedNode | undefined
}

export interface HttpRoadOptions {
  machine: Machine
  /** Of this life of the process. */
  id: string
  network: Network
  modules: Modules
  planted: Planted
  appId: string
  leaseMs: number
  /** Who answers the next question. */
  peer: () => Peer
}

/** The client's real transport; its requests travel the simulated network. */
export function createHttpRoad({
  machine,
  id,
  network,
  modules,
  planted,
  appId,
  leaseMs,
  peer,
}: HttpRoadOptions): Transport {
  const report = {
    process: id,
    name: machine.name,
    version: '',
    leaseMs,
    hits: 0,
    misses: 0,
    onUnavailable: 'deny',
  } as const
  const transport = modules.createHttpTransport({
    clock: machine.clock,
    leaseMs,
    report: () => report,
    calls: {
      send(_method, path, { timeoutMs, body }) {
        const { machine: there, node } = peer()
        const answer = network.ask<unknown>(machine, there, (respond) => {
          if (!node) respond.refuse(new Error('no node is there'))
          else node.respond(path, body, appId).then(respond, respond.refuse)
        })
        return inTime(answer, machine.clock, Math.min(timeoutMs, leaseMs))
      },
    },
  })
  if (!planted.positionNotSent) return transport
  return {
    ...transport,
    // "Fresh" is what one without a position asks for; this one does not know that it should.
    load: (token, request, position) =>
      transport.load(token, request, position && { ...position, xmin: 1, xmax: 1, xip: [] }),
  }
}

/** The stream: what a node has applied, while this process is connected to it. */
export function follow(machine: Machine, network: Network, { machine: there, node }: Peer, engine: Engine): () => void {
  if (!node) return () => {}
  return node.node.subscribe(({ from, answer }) => {
    const told = { ...answerOut(answer, node.node), from: formatSnapshot(from) }
    network.tell(there, machine, () => {
      const pushed = readPushed(told, machine.clock.monotonicMs())
      if (pushed) engine.follower.push(pushed.answer, pushed.from)
    })
  })
}
