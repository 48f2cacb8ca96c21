import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { listBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { rememberDevice } from '../../../src/accounts/knownDevices.js'
import { countAccounts, listAccounts, withMeant } from '../../../src/accounts/list.js'
import { listNotes } from '../../../src/accounts/notes.js'
import { newLinkToken } from '../../../src/accounts/passwords/links.js'
import { countAudit, listAudit } from '../../../src/audit/list.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import type { AccountId } from '../../../src/db/ids.js'
import { openPlaces } from '../../../src/devices/place.js'
import { fill } from '../../../src/seed/fill.js'
import { justEnded, listSessions } from '../../../src/sessions/lists/list.js'
import { listBySeen } from '../../../src/sessions/lists/listBySeen.js'
import { othersSharing } from '../../../src/sessions/lists/sharedAddress.js'
import { addUpChanges, TALLIED, type Tallied } from '../../../src/sessions/lists/tallies.js'
import { withPeople } from '../../../src/sessions/lists/tooManyPeople.js'
import { everyPostgres } from '../../support/database.js'
import { plansOf } from '../../support/plans.js'

/** As large as makes every index cheaper than reading all of its table, and no larger. */
const SIZE = { sessions: 20_000, ended: 40_000, accounts: 8_000, days: 60 }

/** An hour. */
const A_DAY_AGO = { since: new Date(Date.now() - 25 * 3_600_000), until: new Date(Date.now() - 24 * 3_600_000) }

/** Of which no list reads all. */
const LARGE = [
  'sessions',
  'session_activity',
  'accounts',
  'session_addresses',
  'audit_events',
  'account_notes',
  'known_devices',
]

describe('lists at size read what their index names', () => {
  everyPostgres((database) => {
    let rarest: Partial<Record<Tallied, string>>
    let account: { id: AccountId; name: string; email: string }
    /** A network that a walk would meet often, as long as anybody is signed in from it. */
    let largest: string

    beforeAll(async () => {
      const { db, open } = database
      const places = await openPlaces()
      await places.warm()
      await fill(open, SIZE, places.findNow, () => {})
      await addUpChanges(db)
      await db.execute(sql`
        insert into audit_events (id, action, actor_kind, actor_name)
        select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - n * 1000), 12, '0') || '7000800000000000' || lpad(n::text, 4, '0'))::uuid,
          case when n % 100 = 0 then 'account.blocked' else 'session.started' end, 'system', 'Rollcall'
        from generate_series(1, 9999) n`)
      await db.execute(sql`
        insert into blocks (id, kind, network, reason, created_by_kind, created_by_name)
        select gen_random_uuid(), 'network', ('10.' || n / 256 || '.' || n % 256 || '.0/24')::cidr, 'test', 'system', 'Rollcall'
        from generate_series(1, 5000) n`)
      await db.execute(sql`
        insert into session_addresses (session_id, ip, first_seen_at)
        select id, ip + 1, now() from sessions where ended_at is null and ip is not null limit 5000`)
      await db.execute(sql`
        update sessions set browser = 'Lynx', device_type = 'tv', method = 'saml'
        where id = any(array(select id from sessions where ended_at is null order by id limit 30))`)
      await db.execute(sql`
        insert into account_notes (id, account_id, note, by_kind, by_name)
        select gen_random_uuid(), id, 'test', 'system', 'Rollcall' from accounts`)
      await db.execute(sql`
        insert into known_devices (account_id, token_hash) select id, sha256(id::text::bytea) from accounts`)
      // What was written last, an index of words has in no order until a vacuum comes by.
      await db.execute(sql`vacuum audit_events`)
      await db.execute(sql`analyze`)
      rarest = await rarestValues(db)
      const rows = await db.execute(
        sql`select id, name, email from accounts where email is not null order by id limit 1`,
      )
      account = rowsOf<typeof account>(rows)[0] as typeof account
      const networks = await db.execute(sql`
        select network(set_masklen(ip, 16))::text as network from sessions
        where ended_at is null and family(ip) = 4 group by 1 order by count(*) desc limit 1`)
      largest = rowsOf<{ network: string }>(networks)[0]?.network ?? ''
    }, 120_000)

    it.each<[string, string[], (db: Database) => Promise<unknown>]>([
      ['the newest', ['sessions_live_walk|sessions_pkey'], (db) => listSessions(db, {})],
      ['a country', ['sessions_live_country'], (db) => listSessions(db, { country: rarest.country })],
      ['a browser', ['sessions_live_browser'], (db) => listSessions(db, { browser: 'Lynx' })],
      ['a browser’s version', ['sessions_live_version'], (db) => listSessions(db, { browser: 'Chrome', version: '9' })],
      ['a system', ['sessions_live_os'], (db) => listSessions(db, { os: rarest.os })],
      ['a kind of device', ['sessions_live_device_type'], (db) => listSessions(db, { device: 'tv' })],
      ['a method', ['sessions_live_method'], (db) => listSessions(db, { method: 'saml' })],
      ['two values', ['session_tallies_kind_a_b_pk'], (db) => listSessions(db, { country: 'DE', os: 'Linux' })],
      ['an address', ['sessions_live_ip', 'session_addresses_ip'], (db) => listSessions(db, { ip: '203.0.113.7' })],
      ['a network', ['sessions_live_ip', 'session_addresses_ip'], (db) => listSessions(db, { q: '203.0.113.0/24' })],
      ['a large network', ['sessions_live_ip'], (db) => listSessions(db, { q: largest })],
      [
        'a blocked network',
        ['blocks_networks', 'sessions_live_ip', 'session_addresses_session_id_ip_pk'],
        (db) => listSessions(db, { q: '10.0.1.0/24' }),
      ],
      ['what ended from it', ['sessions_ended_ip'], (db) => listSessions(db, { q: largest, state: 'ended' })],
      [
        'all from it',
        ['sessions_live_ip', 'sessions_ended_ip'],
        (db) => listSessions(db, { q: largest, state: 'all' }),
      ],
      ['an account', ['sessions_account'], (db) => listSessions(db, { account: account.id })],
      ['an e-mail address', ['accounts_words', 'sessions_account'], (db) => listSessions(db, { q: account.email })],
      ['a name', ['accounts_words', 'sessions_account'], (db) => listSessions(db, { q: account.name })],
      [
        'a name that was looked up',
        ['accounts_words', 'sessions_account'],
        async (db) => listSessions(db, await withPeople(db, { q: account.name })),
      ],
      ['what ended', ['sessions_ended_walk|sessions_pkey'], (db) => listSessions(db, { state: 'ended' })],
      [
        'a version that none that ended had',
        ['sessions_ended_version'],
        (db) => listSessions(db, { state: 'ended', browser: 'Chrome', version: '9' }),
      ],
      [
        'what ended, rare',
        ['sessions_ended_facts'],
        (db) => listSessions(db, { state: 'ended', country: rarest.country }),
      ],
      [
        'who shares an address',
        ['sessions_live_ip', 'session_addresses_ip'],
        (db) => othersSharing(db, '203.0.113.7', account.id),
      ],
      ['what just ended', ['sessions_ended'], (db) => justEnded(db, {}, 6)],
      [
        'signed in since',
        ['sessions_live_walk|sessions_pkey'],
        (db) => listSessions(db, { since: new Date(Date.now() - 3_600_000) }),
      ],
      ['unseen for long', ['session_activity_day'], (db) => listSessions(db, { unseenDays: 20 })],
      ['last seen, by the day', ['session_activity_day'], (db) => listBySeen(db, {}, { sort: 'seen' }, 100)],
      ['people by name', ['accounts_name'], (db) => listAccounts(db, {}, { limit: 5 })],
      [
        'people by two letters',
        ['accounts_name_start', 'accounts_email_start'],
        async (db) => listAccounts(db, await withMeant(db, { q: 'an' }, 20)),
      ],
      [
        'people by a word',
        ['accounts_words', 'accounts_pkey'],
        async (db) => listAccounts(db, await withMeant(db, { q: account.email }, 1_000)),
      ],
      ['people counted', ['accounts_words'], (db) => countAccounts(db, { q: account.email })],
      ['the log', ['audit_events_pkey'], (db) => listAudit(db, { limit: 50 })],
      [
        'the log by what was done',
        ['audit_events_action'],
        (db) => listAudit(db, { action: 'account.blocked', limit: 50 }),
      ],
      ['the log of an hour, counted', ['audit_events_pkey'], (db) => countAudit(db, A_DAY_AGO)],
      [
        'sign-ins of an hour, counted',
        ['audit_events_action|audit_events_pkey'],
        (db) => countAudit(db, { action: 'sign-ins', ...A_DAY_AGO }),
      ],
      ['what the terminal did', ['audit_events_actor_kind'], (db) => listAudit(db, { actor: 'terminal', limit: 50 })],
      ['what failed', ['audit_events_result'], (db) => listAudit(db, { result: 'failed', limit: 50 })],
      ['what was refused, counted', ['audit_events_result'], (db) => countAudit(db, { result: 'refused' })],
      [
        'what was done to something',
        ['audit_events_account', 'audit_events_session', 'audit_events_target'],
        (db) => listAudit(db, { target: account.id, limit: 50 }),
      ],
      ['what was done to a network', ['audit_events_target'], (db) => listAudit(db, { target: '10.0.0.0/8' })],
      ['a word in the log', ['audit_events_words'], (db) => listAudit(db, { q: 'nobody-ever', limit: 50 })],
      ['an e-mail address in it', ['audit_events_words'], (db) => listAudit(db, { q: 'nobody@company9.example' })],
      [
        'what somebody with an address did, and what was done to them',
        ['audit_events_account', 'audit_events_actor'],
        (db) => listAudit(db, { q: account.email }),
      ],
      ['words in it, counted', ['audit_events_words'], (db) => countAudit(db, { q: 'nobody ever' })],
      [
        'the log from an address',
        ['audit_events_ip', 'audit_events_session_ip', 'audit_events_network'],
        (db) => listAudit(db, { q: '203.0.113.7', limit: 50 }),
      ],
      [
        'the log from a network, counted',
        ['audit_events_ip', 'audit_events_session_ip', 'audit_events_network'],
        (db) => countAudit(db, { q: '203.0.113.0/24' }),
      ],
      ['the notes about an account', ['account_notes_account'], (db) => listNotes(db, account.id)],
      [
        'whose browser it is',
        ['known_devices_token', 'known_devices_account_id'],
        (db) => rememberDevice(db, account.id, newLinkToken().token),
      ],
      ['blocks', ['blocks_created|blocks_pkey'], (db) => listBlocks(db, {})],
    ])('%s: %s', async (_, wanted, list) => {
      const { indexes, read } = await plansOf(database, list)
      for (const one of wanted) expect(indexes.join(), one).toMatch(new RegExp(one))
      expect(
        read.filter((table) => LARGE.includes(table)),
        'read from one end to the other',
      ).toEqual([])
    })
  })
})

/** Of what is common, a walk meets enough without its own index. */
async function rarestValues(db: Database): Promise<Partial<Record<Tallied, string>>> {
  const rows = rowsOf<{ kind: Tallied; value: string }>(
    await db.execute(sql`
      select distinct on (kind) kind, a as value from session_tallies
      where kind = any(${`{${TALLIED.join()}}`}::text[]) and n > 0 and ended > 0 and a <> 'unknown' order by kind, n`),
  )
  return Object.fromEntries(rows.map(({ kind, value }) => [kind, value]))
}
