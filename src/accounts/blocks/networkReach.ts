import { sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import { accounts, sessionActivity, sessions } from '../../db/schema.js'
import { canonicalNetwork } from '../../devices/address.js'
import type { Role } from '../types.js'
import { fromLiveOrRefusedByNetwork } from './liveSessions.js'

export type UnreadNetwork = { why: 'bad-network' | 'everything'; problem: string }

/** One spelling for each network. `problem` says in words why it is none, or none that anybody may block. */
export function readNetwork(typed: string): { network: string } | UnreadNetwork {
  const read = canonicalNetwork(typed)
  if ('error' in read) return { why: 'bad-network', problem: read.error }
  if (!read.network.endsWith('/0')) return read
  return {
    why: 'everything',
    problem: `${read.network} is every address there is: it would lock everybody out, you included.`,
  }
}

/** Wider ones could lock every owner out: only an owner sets them (S-32). */
const WIDEST = { ipv4: 8, ipv6: 16 }

export const isTooWide = (network: string) =>
  Number(network.slice(network.indexOf('/') + 1)) < (network.includes(':') ? WIDEST.ipv6 : WIDEST.ipv4)

/**
 * Which of these networks somebody is signed in from whom the actor must not end that way: nobody but an owner an owner,
 * nor an app's key an admin (S-35, S-38).
 *
 * @param sparing an owner asks that the other owners be left alone all the same
 */
export async function networksBeyond(
  tx: Database,
  networks: string[],
  by: Actor,
  authority: Role,
  sparing: boolean,
): Promise<Set<string>> {
  if (networks.length === 0 || (authority === 'owner' && !sparing)) return new Set()
  const outOfReach =
    by.kind === 'key' && authority !== 'owner' ? sql`${accounts.role} <> 'person'` : sql`${accounts.role} = 'owner'`
  const others = authority === 'owner' && 'id' in by ? sql`and ${accounts.id} <> ${by.id}` : sql``
  // Indexes: accounts_role, sessions_account. Admins are few: first who they are, then where they are signed in from.
  const found = rowsOf<{ nth: number }>(
    await tx.execute(sql`
      with beyond as materialized (
        select distinct ${sessionActivity.lastIp} as ip ${fromLiveOrRefusedByNetwork}
          and ${sessions.accountId} = any (array(select ${accounts.id} from ${accounts} where ${outOfReach} ${others})))
      select nth::int as nth from ${networksTable(networks)}
      where exists (select 1 from beyond where beyond.ip <<= asked.network)`),
  )
  return new Set(found.flatMap(({ nth }) => networks[nth - 1] ?? []))
}

/** Networks, canonical, as a table `asked` of `network` and `nth`, which counts from 1. One parameter. */
export const networksTable = (networks: readonly string[]) =>
  sql`unnest(${`{${networks.join(',')}}`}::text::cidr[]) with ordinality as asked (network, nth)`
