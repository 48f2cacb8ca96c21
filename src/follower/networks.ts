import { isMapped, readAddress, readNetwork } from './address.js'
import type { RefusedNetwork } from './types.js'

/** Those of one length, by the bits that their addresses have in common. */
interface Group {
  length: number
  networks: Map<number | string, RefusedNetwork[]>
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
  let list: readonly RefusedNetwork[] | undefined
  /** Of each family, by length: a look-up for each length that there is, however many networks. */
  let ipv4: Group[] = []
  let ipv6: Group[] = []
  /** What can't be read refuses nobody by itself, but lets nobody in unasked either. */
  let oneIsUnread = false
  const bytes = new Uint8Array(16)

  function add(network: RefusedNetwork) {
    const read = readNetwork(network.network)
    if (!read) {
      oneIsUnread = true
      return
    }
    const groups = isMapped(read.bytes) ? ipv4 : ipv6
    let group = groups.find(({ length }) => length === read.length)
    if (!group) {
      group = { length: read.length, networks: new Map() }
      groups.push(group)
    }
    const key = startOf(read.bytes, read.length, groups === ipv4)
    const same = group.networks.get(key)
    if (same) same.push(network)
    else group.networks.set(key, [network])
  }

  return {
    replace(networks) {
      list = networks
      ipv4 = []
      ipv6 = []
      oneIsUnread = false
      for (const network of networks) add(network)
    },
    refuses(ip, now) {
      if (!list) return 'ask'
      if (list.length === 0) return false
      if (ip === null || ip === undefined || !readAddress(ip, bytes)) return 'ask'
      const isIpv4 = isMapped(bytes)
      let ask = oneIsUnread
      for (const { length, networks } of isIpv4 ? ipv4 : ipv6) {
        const around = networks.get(startOf(bytes, length, isIpv4))
        if (!around) continue
        for (const { endsAt, ask: unsure } of around) {
          if (endsAt !== null && endsAt + unsureMs <= now) continue
          if (!unsure && (endsAt === null || endsAt > now)) return true
          ask = true
        }
      }
      return ask && 'ask'
    },
    get isEmpty() {
      return list?.length === 0
    },
    get list() {
      return list ?? []
    },
    clear() {
      list = undefined
    },
  }
}

/**
 * The first `length` bits, the others 0: what addresses of one network have in common. A number for IPv4, whose look-up is
 * a good deal faster.
 *
 * @param bytes 16; of IPv4 the last four count, and `length` is from 96 on
 */
function startOf(bytes: Uint8Array, length: number, isIpv4: boolean): number | string {
  if (isIpv4) {
    let start = 0
    for (let i = 12; i < 16; i++) start = (start << 8) | (bytes[i] as number)
    return length === 96 ? 0 : start & (-1 << (128 - length))
  }
  let start = ''
  for (let bit = 0; bit < length; bit += 8) {
    const unused = Math.max(0, bit + 8 - length)
    start += String.fromCharCode((bytes[bit / 8] as number) & (0xff << unused))
  }
  return start
}
