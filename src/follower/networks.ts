import { addressBytes, isInNetwork, readNetwork } from './address.js'
import type { RefusedNetwork } from './types.js'

/** Addresses whose answer is remembered until the list changes. */
const MOST_REMEMBERED = 10_000

interface Network extends RefusedNetwork {
  bytes: Uint8Array
  length: number
}

/** The refused networks, as of the last reading that brought them. */
export interface Networks {
  replace(list: readonly RefusedNetwork[]): void
  /** @returns `ask` where only the database can tell: before the first list too */
  refuses(ip: string | null | undefined, now: number): boolean | 'ask'
  readonly isEmpty: boolean
  readonly list: readonly RefusedNetwork[]
  clear(): void
}

/**
 * @param unsureMs how far follower time may be ahead of the database's, which is what ends a block: for so long after its
 *   end the database is asked
 */
export function createNetworks(unsureMs: number): Networks {
  let list: Network[] | undefined
  const remembered = new Map<string, readonly Network[]>()

  function around(ip: string): readonly Network[] | undefined {
    const known = remembered.get(ip)
    if (known) return known
    const address = addressBytes(ip)
    if (!address) return undefined
    const found = (list ?? []).filter(({ bytes, length }) => isInNetwork(address, bytes, length))
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(ip, found)
    return found
  }

  return {
    replace(networks) {
      remembered.clear()
      list = networks.map((network) => {
        // What can't be read refuses nobody by itself, but lets nobody in unasked either.
        const read = readNetwork(network.network) ?? { bytes: new Uint8Array(16), length: 0 }
        return { ...network, ...read, ask: network.ask || !readNetwork(network.network) }
      })
    },
    refuses(ip, now) {
      if (!list) return 'ask'
      if (list.length === 0) return false
      if (ip === null || ip === undefined) return 'ask'
      const found = around(ip)
      if (!found) return 'ask'
      let ask = false
      for (const { endsAt, ask: unsure } of found) {
        if (endsAt !== null && endsAt + unsureMs <= now) continue
        if (!unsure && (endsAt === null || endsAt > now)) return true
        ask = true
      }
      return ask && 'ask'
    },
    get isEmpty() {
      return list?.length === 0
    },
    get list() {
      return (list ?? []).map(({ network, endsAt, ask }) => ({ network, endsAt, ask }))
    },
    clear() {
      list = undefined
      remembered.clear()
    },
  }
}
