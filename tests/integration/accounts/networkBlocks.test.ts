import { and, desc, eq, isNull, ne, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { endFromBlockedNetworks } from '../../../src/accounts/blocks/endFromNetworks.js'
import { liftExpiredBlocks } from '../../../src/accounts/blocks/liftBlock.js'
import { findBlock } from '../../../src/accounts/blocks/listBlocks.js'
import { blockNetwork, confirmBlock, type NetworkTerms } from '../../../src/accounts/blocks/networkBlocks.js'
import { previewNetworkBlock } from '../../../src/accounts/blocks/previewNetwork.js'
import { type Actor, SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import type { BlockId, SessionId } from '../../../src/db/ids.js'
import { auditEvents, blocks, revocations, sessions } from '../../../src/db/schema.js'
import { UNKNOWN_PLACE } from '../../../src/devices/place.js'
import { findSession } from '../../../src/sessions/read.js'
import { comesFromBlockedNetwork } from '../../../src/sessions/start.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { acting, anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { aVerifier } from '../../support/verifier.js'
import { atTheSameTime, whileItWaits } from './interleave.js'

const fail = (error: unknown) => {
  throw error
}
const verify = (db: Database, token: string, ip?: string) => aVerifier(db, fail).verify(token, ip ? { ip } : {})
let count = 0
/** A /24 that no other test uses. */
const aNetwork = () => {
  count += 1
  return { network: `172.16.${count}.0/24`, ip: `172.16.${count}.9` }
}
async function blocked(db: Database, terms: Partial<NetworkTerms> & { network: string }, by: Actor = SYSTEM) {
  const result = await blockNetwork(db, { reason: 'attack', ...terms }, by)
  if (result.status !== 'blocked') throw new Error(JSON.stringify(result))
  return result
}
const passFiveMinutes = (db: Database, id: BlockId) =>
  db.update(blocks).set({ confirmBy: sql`now()` }).where(eq(blocks.id, id))
const insider = async (db: Database, ip: string) => {
  const account = await anAccount(db, { role: 'responder' })
  const { session, token } = await aSession(db, { account, ip })
  const by: Actor = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip }
  return { by, token, account }
}

describe('blocking a network', () => {
  eachDatabase((database) => {
    it('S-10 ends what is signed in from there, if asked, and nothing else', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const [inside, outside] = [await aSession(db, { ip }), await aSession(db, { ip: '172.31.0.1' })]
      const { block, ended } = await blocked(db, { network, endSessions: true })
      expect(ended).toBe(1)
      expect(block).toMatchObject({ kind: 'network', network, ended: 1, confirmBy: null })
      expect(await verify(db, inside.token)).toEqual({ status: 'denied', reason: 'ended' })
      expect(await findSession(db, inside.session.id)).toMatchObject({ end: { reason: 'network-blocked' } })
      expect(await verify(db, outside.token)).toMatchObject({ status: 'active' })
    })

    it('refuses what comes from there while it holds, and lets it in again when it is lifted', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { token } = await aSession(db, { ip })
      const { block } = await blocked(db, { network })
      expect(await verify(db, token)).toEqual({ status: 'denied', reason: 'network-blocked' })
      await liftBlock(db, block.id, 'over', SYSTEM)
      expect(await verify(db, token)).toMatchObject({ status: 'active' })
    })

    it('S-51 holds for every spelling of an address in it', async () => {
      const { db } = database
      const { token } = await aSession(db, { ip: null })
      await blocked(db, { network: '203.0.113.7' })
      await blocked(db, { network: '2001:DB8:F::/48' })
      for (const ip of ['203.0.113.7', '2001:db8:f::1', '2001:0DB8:000F:0000::1']) {
        expect(await verify(db, token, ip)).toEqual({ status: 'denied', reason: 'network-blocked' })
      }
      expect(await verify(db, token, '203.0.113.8')).toMatchObject({ status: 'active' })
    })

    it.each(['0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96'])('%s is refused, and the answer says why', async (network) => {
      expect(await blockNetwork(database.db, { network, reason: 'x' }, SYSTEM)).toEqual({
        status: 'refused',
        why: 'everything',
        problem: expect.stringMatching(/every address/),
      })
    })

    it('S-51 host bits set are an error that names the network meant', async () => {
      const { db } = database
      const wrong = { network: '203.0.113.7/24', reason: 'x' }
      expect(await blockNetwork(db, wrong, SYSTEM)).toMatchObject({
        status: 'refused',
        why: 'bad-network',
        problem: expect.stringContaining('203.0.113.0/24'),
      })
      const local = { network: 'localhost', reason: 'x' }
      expect(await blockNetwork(db, local, SYSTEM)).toMatchObject({
        status: 'refused',
        why: 'bad-network',
        problem: expect.stringContaining('localhost'),
      })
    })

    it('the preview counts the live sessions and accounts that it would hit, and says when it is you', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { account } = await aSession(db, { ip })
      await aSession(db, { account, ip })
      await aSession(db, { ip })
      await aSession(db, { ip, idleFor: '30 days' })
      expect(await previewNetworkBlock(db, network)).toEqual({
        network,
        sessions: 3,
        accounts: 2,
        atLeast: false,
        coversYou: false,
      })
      expect(await previewNetworkBlock(db, network, `::ffff:${ip}`)).toMatchObject({ coversYou: true })
    })

    it('the preview looks no further than it must, and says that there are more', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { account } = await aSession(db, { ip })
      for (let n = 0; n < 2; n++) await aSession(db, { account, ip })
      const counted = (most: number) => previewNetworkBlock(db, network, null, most)
      expect(await counted(2)).toMatchObject({ sessions: 2, accounts: 1, atLeast: true })
      expect(await counted(3)).toMatchObject({ sessions: 3, accounts: 1, atLeast: false })
    })

    it('what moved into the network since its sign-in is hit and ended, what moved out of it is not', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const [came, left] = [await aSession(db, { ip: '172.31.0.7' }), await aSession(db, { ip })]
      const move = (id: SessionId, to: string) =>
        touchSessions(db, [{ id, secondsAgo: 0, ip: to, requests: 1 }], () => UNKNOWN_PLACE)
      await move(came.session.id, ip)
      await move(left.session.id, '172.31.0.8')
      expect(await previewNetworkBlock(db, network)).toMatchObject({ sessions: 1, accounts: 1 })
      expect(await blocked(db, { network, endSessions: true })).toMatchObject({ ended: 1 })
      expect(await verify(db, came.token, '172.31.0.7')).toEqual({ status: 'denied', reason: 'ended' })
      expect(await verify(db, left.token)).toMatchObject({ status: 'active' })
    })

    it('of a large network the act ends a hundred; the rest is refused at once and ended by a job, whatever comes between', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { session, account } = await aSession(db, { ip })
      const tokenOf = await multiply(db, session, 1_200)
      const { block, ended, more } = await blocked(db, { network, endSessions: true })
      expect({ ended, more }).toEqual({ ended: 100, more: true })
      const [pending] = await db
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(eq(sessions.accountId, account.id), ne(sessions.id, session.id), isNull(sessions.endedAt)))
      const token = tokenOf(pending?.id ?? '')
      expect(await verify(db, token)).toEqual({ status: 'denied', reason: 'network-blocked' })
      await liftBlock(db, block.id, 'over', SYSTEM)
      const newcomer = await aSession(db, { ip })
      expect(await endFromBlockedNetworks(db)).toBe(1_101)
      expect(await endFromBlockedNetworks(db)).toBe(0)
      expect(await verify(db, token)).toEqual({ status: 'denied', reason: 'ended' })
      expect(await verify(db, newcomer.token)).toMatchObject({ status: 'active' })
      expect(await findBlock(db, block.id)).toMatchObject({ ended: 1_201 })
    })

    it('of a large network the job ends what was there when the block was set, whoever moves before it comes', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { session } = await aSession(db, { ip })
      // Whose last address is the last of the network: the act itself does not come that far.
      const leaves = await aSession(db, { ip: ip.replace(/9$/, '254') })
      const comes = await aSession(db, { ip: '172.31.0.9' })
      await multiply(db, session, 1_200)
      const { block, more } = await blocked(db, { network, endSessions: true })
      expect(more).toBe(true)
      const move = (id: SessionId, to: string) =>
        touchSessions(db, [{ id, secondsAgo: 0, ip: to, requests: 1 }], () => UNKNOWN_PLACE)
      await move(leaves.session.id, '172.31.0.10')
      await liftBlock(db, block.id, 'over', SYSTEM)
      await move(comes.session.id, ip)
      await endFromBlockedNetworks(db)
      expect(await verify(db, leaves.token)).toEqual({ status: 'denied', reason: 'ended' })
      expect(await verify(db, comes.token)).toMatchObject({ status: 'active' })
      await move(comes.session.id, ip)
      expect(await findSession(db, comes.session.id)).toMatchObject({ lastIp: ip })
    })

    it('of a large network neither the act nor the job ends the session that its author sets the block from', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { session } = await aSession(db, { ip })
      await multiply(db, session, 1_200)
      const { by } = await insider(db, ip)
      const terms = { network, reason: 'attack', endSessions: true, confirmOwnAddress: ip }
      expect(await blockNetwork(db, terms, by)).toMatchObject({ status: 'blocked', more: true })
      await endFromBlockedNetworks(db)
      const own = by.kind === 'account' && (await findSession(db, by.sessionId))
      expect(own).toMatchObject({ state: 'live' })
    })

    it('what an overlapping block refuses already counts, is ended, and is an owner inside all the same', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { session } = await aSession(db, { account: await anOwner(db), ip })
      await blocked(db, { network: `${ip}/32` })
      expect(await previewNetworkBlock(db, network)).toMatchObject({ sessions: 1, accounts: 1 })
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      expect(await blockNetwork(db, { network, reason: 'x' }, by)).toEqual({ status: 'refused', why: 'owner-inside' })
      expect(await blocked(db, { network, endSessions: true })).toMatchObject({ ended: 1 })
      expect(await findSession(db, session.id)).toMatchObject({ end: { reason: 'network-blocked' } })
    })

    it("S-62 a block that was refused over the author's own address is in the audit log", async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { by } = await insider(db, ip)
      await blockNetwork(db, { network, reason: 'attack' }, by)
      const events = await db.select().from(auditEvents).where(eq(auditEvents.targetId, network))
      expect(events).toMatchObject([{ action: 'network.blocked', result: 'refused', details: { why: 'own-address' } }])
    })

    it("is refused over the author's own address until that address is typed, in any spelling", async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { by } = await insider(db, ip)
      const terms = { network, reason: 'attack' }
      expect(await blockNetwork(db, terms, by)).toEqual({ status: 'refused', why: 'own-address', address: ip })
      expect(await blockNetwork(db, { ...terms, confirmOwnAddress: '172.16.0.1' }, by)).toMatchObject({
        why: 'own-address',
      })
      expect(await blockNetwork(db, { ...terms, confirmOwnAddress: ` ::ffff:${ip} ` }, by)).toMatchObject({
        status: 'blocked',
        block: { confirmBy: expect.any(Date) },
      })
    })

    it("over the author's own address it spares the author alone, and undoes itself after five minutes", async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { by, token } = await insider(db, ip)
      const colleague = await aSession(db, { ip })
      const { block, ended } = await blocked(db, { network, endSessions: true, confirmOwnAddress: ip }, by)
      expect(ended).toBe(1)
      expect(await verify(db, token)).toMatchObject({ status: 'active' })
      const newcomer = await aSession(db, { account: colleague.account, ip: '172.31.0.2' })
      expect(await verify(db, newcomer.token, ip)).toEqual({ status: 'denied', reason: 'network-blocked' })
      await passFiveMinutes(db, block.id)
      expect(await verify(db, newcomer.token, ip)).toMatchObject({ status: 'active' })
      expect(await liftExpiredBlocks(db)).toBe(1)
      expect(await findBlock(db, block.id)).toMatchObject({
        lifted: { by: 'Rollcall', reason: expect.stringMatching(/Not confirmed/) },
      })
    })

    it('confirmed from there, in time, it stays, for the author too', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { by, token } = await insider(db, ip)
      const { block } = await blocked(db, { network, confirmOwnAddress: ip }, by)
      const outside: Actor = { ...by, ip: '172.31.0.9' } as Actor
      expect(await confirmBlock(db, block.id, outside)).toEqual({ status: 'refused', why: 'not-from-there' })
      expect(await confirmBlock(db, block.id, by)).toMatchObject({ status: 'confirmed', block: { confirmBy: null } })
      expect(await confirmBlock(db, block.id, by)).toBeUndefined()
      expect(await verify(db, token)).toEqual({ status: 'denied', reason: 'network-blocked' })
    })

    it('confirmed too late, it is not in force', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      const { by, token } = await insider(db, ip)
      const { block } = await blocked(db, { network, confirmOwnAddress: ip }, by)
      await passFiveMinutes(db, block.id)
      expect(await confirmBlock(db, block.id, by)).toBeUndefined()
      expect(await verify(db, token)).toMatchObject({ status: 'active' })
    })

    it('S-35 a responder does not end what an owner has open by way of their network', async () => {
      const { db } = database
      const { network, ip } = aNetwork()
      await aSession(db, { account: await anOwner(db), ip })
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      expect(await blockNetwork(db, { network, reason: 'x' }, by)).toEqual({ status: 'refused', why: 'owner-inside' })
      expect(await blockNetwork(db, { network, reason: 'x' }, await acting(db, await anOwner(db)))).toMatchObject({
        status: 'blocked',
      })
    })

    it.each(['person', 'viewer'] as const)('S-35 a %s blocks no network', async (role) => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role }))
      expect(await blockNetwork(db, { network: aNetwork().network, reason: 'x' }, by)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
    })

    it.each([
      [{ until: new Date(0) }, 'until-past'],
      [{ until: new Date('2200-01-01') }, 'until-far'],
      [{ reason: '' }, 'no-reason'],
    ])('S-56 %j is refused: %s', async (terms, why) => {
      expect(await blockNetwork(database.db, { network: aNetwork().network, reason: 'x', ...terms }, SYSTEM)).toEqual({
        status: 'refused',
        why,
      })
    })

    it('blocking it again replaces the block; the log and the revocation log have each act', async () => {
      const { db } = database
      const { network } = aNetwork()
      const first = await blocked(db, { network })
      await blocked(db, { network, reason: 'still' })
      expect(await findBlock(db, first.block.id)).toMatchObject({ lifted: { reason: 'Replaced by another block' } })
      const events = await db
        .select()
        .from(auditEvents)
        .where(eq(auditEvents.targetId, network))
        .orderBy(desc(auditEvents.id))
      expect(events).toMatchObject([
        {
          action: 'network.blocked',
          reason: 'still',
          details: { before: { reason: 'attack' }, after: { reason: 'still' } },
        },
        { action: 'network.blocked', reason: 'attack' },
      ])
      expect(await db.$count(revocations, and(eq(revocations.kind, 'network'), eq(revocations.target, network)))).toBe(
        2,
      )
    })
  })

  eachPostgres((database) => {
    it('two blocks of one network at once leave one in force', async () => {
      const two = await database.twoConnections()
      const { network } = aNetwork()
      const [, second] = await atTheSameTime(
        two,
        (tx) => blocked(tx, { network, reason: 'one' }),
        (db) => blocked(db, { network, reason: 'two' }),
      )
      expect(second.block.reason).toBe('two')
      expect(
        await two[0].$count(blocks, and(sql`${blocks.network} = ${network}::cidr`, sql`${blocks.liftedAt} is null`)),
      ).toBe(1)
    })

    it('S-13 who signed in while the block of a large network waited is ended by its job too', async () => {
      const two = await database.twoConnections()
      const { network, ip } = aNetwork()
      const { session } = await aSession(database.db, { ip })
      await multiply(database.db, session, 1_000)
      let late: SessionId | undefined
      const { block, more } = await whileItWaits(
        two,
        (tx) => comesFromBlockedNetwork(tx, ip, null),
        (db) => blocked(db, { network, endSessions: true }),
        async (tx) => {
          // The last address of the network: the act itself does not come that far.
          late = (await aSession(tx, { ip: ip.replace(/9$/, '254') })).session.id
        },
      )
      expect(more).toBe(true)
      await endFromBlockedNetworks(database.db)
      expect(late && (await findSession(database.db, late))).toMatchObject({ end: { reason: 'network-blocked' } })
      expect(await findBlock(database.db, block.id)).toMatchObject({ ended: 1_002 })
    })
  })
})
