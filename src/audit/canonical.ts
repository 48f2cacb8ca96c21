import { type SQL, sql } from 'drizzle-orm'

/**
 * SHA-256 over an event whole: every column, in this order, in one spelling that depends on no setting of the
 * connection. A column that is added to `audit_events` belongs in here, under the next number.
 *
 * @param e the alias of `audit_events`
 */
export function eventHash(e: 'e'): SQL {
  const of = (column: string) => sql.raw(`${e}.${column}`)
  const columns = [
    of('id'),
    // As text: a forged "infinity" is no number.
    sql`extract(epoch from ${of('at')})::text`,
    ...['action', 'result', 'actor_kind', 'actor_id', 'actor_name'].map(of),
    sql`${of('ip')}::text`,
    ...['country', 'city', 'target_kind', 'target_id', 'target_name', 'account_id', 'session_id'].map(of),
    ...['reason', 'details', 'request_id'].map(of),
    sql`${of('xid')}::text`,
  ]
  return sql`sha256(convert_to(jsonb_build_array('rollcall audit event 1', ${sql.join(columns, sql`, `)})::text, 'UTF8'))`
}

/** SHA-256 over a seal: its place, its time, the seal before it, its events. */
export const sealHash = (seal: { position: SQL; at: SQL; previous: SQL; members: SQL }): SQL =>
  sql`sha256(int4send(${seal.position}) || convert_to(extract(epoch from ${seal.at})::text, 'UTF8') || ${seal.previous} || ${seal.members})`

/** Bytes of one event in `members`: its id and its hash. */
export const MEMBER_BYTES = 48
const ID_BYTES = 16

/** The events of a seal, as rows of `id` and `hash`. */
export const membersOf = (members: SQL): SQL => sql`(
  select encode(substring(${members} from n * ${MEMBER_BYTES} + 1 for ${ID_BYTES}), 'hex')::uuid as id,
    substring(${members} from n * ${MEMBER_BYTES} + ${ID_BYTES + 1} for ${MEMBER_BYTES - ID_BYTES}) as hash
  from generate_series(0, length(${members}) / ${MEMBER_BYTES} - 1) n)`
