import { type Column, type SQL, sql } from 'drizzle-orm'
import { sessionActivity, sessionAddresses, sessions } from '../../db/schema.js'
import { isLive, liveAt, liveJoins, liveTables } from '../../sessions/live.js'

/** `from` and `where` over what is live by the one predicate; goes on with `and ...`. */
export const fromLiveSessions = sql`from ${liveTables} where ${isLive}`

/**
 * Live, or refused for now by a block of its network: it would be live again as soon as that block is lifted, or the
 * device goes elsewhere. From no address, no network is blocked.
 */
const isLiveSomewhere = liveAt(sql`now()`, sql`null::inet`)

/** The same with what a block of its network refuses for now. */
export const fromLiveOrRefusedByNetwork = sql`from ${liveTables} where ${isLiveSomewhere}`

/**
 * What was last used from a network and is live, or refused for now by a block of a network: as a table of `id` and
 * `account_id`. It walks the addresses that sessions signed in from and those they moved to, so that its cost is by what
 * is there and not by what is live. (Of one that moved more than a thousand times not every address is kept: a block
 * refuses it all the same, and neither counts nor ends it.)
 *
 * Indexes: sessions_live_ip, session_addresses_ip; by their range, because an expression is no constant to `<<=`.
 *
 * @param network of type cidr: a parameter, or a column before a lateral join
 * @param most how many addresses are walked, of either kind; all when left out
 */
export const sessionsFrom = (network: SQL, most?: number): SQL => sql`(
  select ${sessions.id} as id, ${sessions.accountId} as account_id
  from (${signedInFrom(network, most)}) as sessions ${liveJoins}
  where ${isLiveSomewhere} and ${sessionActivity.lastIp} <<= ${network}
  union all
  select ${sessions.id}, ${sessions.accountId}
  from (${movedTo(network, most)}) as moved join ${sessions} on ${sessions.id} = moved.session_id ${liveJoins}
  where ${isLiveSomewhere} and ${sessionActivity.lastIp} = moved.ip and not coalesce(${sessions.ip} <<= ${network}, false))`

/** Whether there are more addresses than those. */
export const hasMoreFrom = (network: SQL, most: number): SQL<boolean> => sql`(
  (select count(*) from (${signedInFrom(network, most + 1)}) walked) > ${most}
  or (select count(*) from (${movedTo(network, most + 1)}) walked) > ${most})`

const signedInFrom = (network: SQL, most: number | undefined) =>
  sql`select * from ${sessions} where ${sessions.endedAt} is null and ${within(sessions.ip, network)} ${upTo(most, sessions.ip)}`

const movedTo = (network: SQL, most: number | undefined) =>
  sql`select * from ${sessionAddresses} where ${within(sessionAddresses.ip, network)} ${upTo(most, sessionAddresses.ip)}`

/** In order: else a whole table is read in the hope of that many, where the network is not known beforehand and empty. */
const upTo = (most: number | undefined, address: Column) =>
  most === undefined ? sql`` : sql`order by ${address} limit ${most}`

const within = (address: Column, network: SQL) => sql`(${address} >= ${network}::inet
  and ${address} <= set_masklen(broadcast(${network}), case family(${network}) when 4 then 32 else 128 end)::inet)`
