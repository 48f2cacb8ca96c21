import { sql } from 'drizzle-orm'
import type { Database } from '../../src/db/connect.js'
import { newToken } from '../../src/sessions/token.js'
import type { Session } from '../../src/sessions/types.js'

/**
 * Live sessions like that one, as many as asked for, by SQL, with ids of their own; all have the one secret.
 *
 * @returns what makes the token of one of them from its id
 */
export async function multiply(
  db: Database,
  { id }: Pick<Session, 'id'>,
  times: number,
): Promise<(id: string) => string> {
  const { token, secretHash } = newToken(id)
  const secret = token.slice(-43)
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local statement_timeout = 0`)
    await tx.execute(sql`
      create temporary table copies on commit drop as
        select s.* from sessions s, generate_series(1, ${times}::int) where s.id = ${id}`)
    await tx.execute(sql`
      update copies set secret_hash = decode(${Buffer.from(secretHash).toString('hex')}, 'hex'),
        id = (${sessionIdAt(sql`created_at`)})::uuid`)
    await tx.execute(sql`insert into sessions select * from copies`)
    await tx.execute(
      sql`insert into session_activity (session_id, last_seen_at, last_ip) select id, now(), ip from copies`,
    )
  })
  await db.execute(sql`analyze sessions`)
  await db.execute(sql`analyze session_activity`)
  return (like) => `rcs_${Buffer.from(like.replaceAll('-', ''), 'hex').toString('base64url')}${secret}`
}

/** UUIDv7 by its parts: milliseconds since 1970, the version, random bits with the variant. */
const sessionIdAt = (time: ReturnType<typeof sql>) => {
  const ms = sql`lpad(to_hex(floor(extract(epoch from ${time}) * 1000)::bigint), 12, '0')`
  return sql`substr(${ms}, 1, 8) || '-' || substr(${ms}, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16)`
}
