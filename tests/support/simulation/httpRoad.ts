import type { Engine } from '../../../src/follower/engine.js'
import { inTime } from '../../../src/follower/follower.js'
import type { Answer, Loaded, RefusedNetwork, Snapshot, Transport } from '../../../src/follower/types.js'
import type { Machine } from './machine.js'
import type { Network } from './network.js'
import type { Pushed, SimulatedNode } from './node.js'
import type { Planted } from './planted.js'
import { SILENT_MS, tokenOf } from './sqlRoad.js'

export interface Peer {
  machine: Machine
  node: SimulatedNode | undefined
}

/** An app process's way to the node it is connected to, by the rules of `wire.ts`: durations travel, instants do not. */
export function createHttpRoad(
  machine: Machine,
  network: Network,
  appId: string,
  peer: () => Peer,
  planted: Planted,
): Transport {
  const now = () => machine.clock.monotonicMs()

  function ask<T>(question: (node: SimulatedNode) => Promise<T>): Promise<T> {
    const { machine: there, node } = peer()
    const asked = network.ask<T>(machine, there, (answer) => {
      if (!node) answer.refuse(new Error('no node is there'))
      else question(node).then(answer, answer.refuse)
    })
    return inTime(asked, machine.clock, SILENT_MS)
  }

  async function read(after: Snapshot | undefined): Promise<Answer> {
    const sent = now()
    const answer = await ask(async (node) => onTheWire(await node.answer(after), node.engine))
    return received(answer, sent)
  }

  return {
    poll: read,
    read,
    async load(text, request, position): Promise<Loaded> {
      const sent = now()
      const { verdict, ageMs, expiresInMs, idleInMs } = await ask((node) =>
        planted.positionNotSent
          ? node.check(text, { ...request, appId, use: false }, undefined)
          : node.check(text, { ...request, appId, use: false, fresh: request.fresh || !position }, position),
      )
      if (verdict.status === 'denied') {
        const { reason } = verdict
        return reason === 'unknown' ? { status: 'unknown', idIsFree: false } : { status: 'denied', reason, ageMs }
      }
      const { session, account } = verdict
      return {
        status: 'known',
        facts: {
          ...session,
          secretHash: tokenOf(text)?.secretHash ?? new Uint8Array(32),
          createdAt: session.createdAt.getTime(),
          expiresAt: session.expiresAt.getTime(),
          account,
          over: undefined,
          expiryDeadline: sent + expiresInMs,
          idleDeadline: sent + idleInMs,
        },
        networkBlocked: false,
        ageMs,
      }
    },
    over: (watched) => ask((node) => node.road.over(watched)),
  }
}

/** The stream: what a node has applied, while this process is connected to it. */
export function follow(machine: Machine, network: Network, { machine: there, node }: Peer, engine: Engine): () => void {
  if (!node) return () => {}
  const heard = ({ from, answer }: Pushed) => {
    const told = onTheWire(answer, node.engine)
    network.tell(there, machine, () => engine.follower.push(received(told, machine.clock.monotonicMs()), from))
  }
  node.listeners.add(heard)
  return () => node.listeners.delete(heard)
}

type Told = Omit<Answer, 'networks' | 'nowMs'> & {
  networks?: { network: string; ask: boolean; endsInMs: number | null }[]
}

function onTheWire({ networks, nowMs: _, ...answer }: Answer, engine: Engine): Told {
  if (!networks) return answer
  const now = engine.follower.now()
  const inForce = networks.map(({ network, ask, endsAt }) => ({
    network,
    ask,
    endsInMs: endsAt === null ? null : endsAt - now,
  }))
  return { ...answer, networks: inForce }
}

/** @param sent when it was asked for, or when it came: from then on its durations run */
function received({ networks, ...answer }: Told, sent: number): Answer {
  if (!networks) return answer
  const inForce: RefusedNetwork[] = networks.map(({ network, ask, endsInMs }) => ({
    network,
    ask,
    endsAt: endsInMs === null ? null : sent + endsInMs,
  }))
  return { ...answer, networks: inForce }
}
