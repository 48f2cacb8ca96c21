import { type Column, type SQL, sql } from 'drizzle-orm'
import { sessionActivity, sessionAddresses, sessions } from '../db/schema.js'
import { isLive, liveAt, liveTables } from '../sessions/live.js'

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
 * What was last used from a network and is live, or refused for now by a block of a network: as a table of `id`,
 * `account_id` and `last_ip`. It walks the addresses that sessions signed in from and those they moved to, so that its
 * cost is by what is there and not by what is live. (Of one that moved more than a thousand times not every address is
 * kept: a block refuses it all the same, and neither counts nor ends it.)
 *
 * Indexes: sessions_live_ip, session_addresses_ip; by their range, because an expression is no constant to `<<=`.
 *
 * @param network of type cidr: a parameter, or a column before a lateral join
 */
export const sessionsFrom = (network: SQL): SQL => sql`(
  select ${sessions.id} as id, ${sessions.accountId} as account_id, ${sessionActivity.lastIp} as last_ip
  from ${liveTables}
  where ${isLiveSomewhere} and ${within(sessions.ip, network)} and ${sessionActivity.lastIp} <<= ${network}
  union all
  select ${sessions.id}, ${sessions.accountId}, ${sessionActivity.lastIp}
  from ${liveTables}
    join ${sessionAddresses} on ${sessionAddresses.sessionId} = ${sessions.id} and ${sessionAddresses.ip} = ${sessionActivity.lastIp}
  where ${isLiveSomewhere} and ${within(sessionAddresses.ip, network)} and not coalesce(${sessions.ip} <<= ${network}, false))`

const within = (address: Column, network: SQL) => sql`(${address} >= ${network}::inet
  and ${address} <= set_masklen(broadcast(${network}), case family(${network}) when 4 then 32 else 128 end)::inet)`
