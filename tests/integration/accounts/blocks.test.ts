import { and, desc, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createKey } from '../../../src/accounts/apps/keys.js'
import { blockAccount, liftAccountBlock, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { liftExpiredBlocks } from '../../../src/accounts/blocks/liftBlock.js'
import { countBlocks, findBlock, listBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { previewAccountBlock } from '../../../src/accounts/blocks/previewBlock.js'
import { findAccount } from '../../../src/accounts/read.js'
import { type Actor, SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AccountId, type BlockId, BUILT_IN_APP, newId } from '../../../src/db/ids.js'
import { BadCursor } from '../../../src/db/page.js'
import { auditEvents, blocks, revocations } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { startSession } from '../../../src/sessions/start.js'
import { acting, anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { aVerifier } from '../../support/verifier.js'
import { atTheSameTime } from './interleave.js'

const fail = (error: unknown) => {
  throw error
}
const stolen = { reason: 'stolen' }
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000)
const verify = (db: Database, token: string) => aVerifier(db, fail).verify(token)
const events = (db: Database, id: string) =>
  db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.targetId, id), sql`${auditEvents.action} like '%block%'`))
    .orderBy(desc(auditEvents.id))
const runOut = (db: Database, id: BlockId) => db.update(blocks).set({ until: sql`now()` }).where(eq(blocks.id, id))
async function blocked(
  db: Database,
  id: AccountId,
  terms: Parameters<typeof blockAccount>[2] = stolen,
  by: Actor = SYSTEM,
) {
  const result = await blockAccount(db, id, terms, by)
  if (result?.status !== 'blocked') throw new Error(JSON.stringify(result))
  return result
}
const aKey = async (db: Database, scopes: ('blocks:write' | 'admin')[]): Promise<Actor> => {
  const made = await createKey(db, { appId: await anApp(db), name: 'script', scopes }, SYSTEM)
  if (made.status !== 'created') throw new Error(made.status)
  return { kind: 'key', id: made.key.id, name: made.key.name, ip: null }
}

describe('blocking an account', () => {
  eachDatabase((database) => {
    it('S-10 ends all of its sessions in every app, refuses new ones, and says in one line who did it, when and why', async () => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      const { account, session, token } = await aSession(db)
      const elsewhere = await aSession(db, { account, app: await anApp(db) })
      const until = inHours(24)
      const result = await blocked(db, account.id, { reason: 'stolen', message: 'Call 555.', until }, by)
      expect(result).toMatchObject({
        ended: 2,
        block: {
          kind: 'account',
          reason: 'stolen',
          message: 'Call 555.',
          until,
          createdBy: by.name,
          ended: 2,
          lifted: null,
        },
      })
      for (const one of [token, elsewhere.token])
        expect(await verify(db, one)).toEqual({ status: 'denied', reason: 'blocked' })
      expect(await findSession(db, session.id)).toMatchObject({
        end: { reason: 'blocked', note: 'stolen', by: { name: by.name } },
      })
      expect(await findAccount(db, account.id)).toMatchObject({ status: 'blocked', block: { id: result.block.id } })
      expect(await events(db, account.id)).toMatchObject([
        {
          action: 'account.blocked',
          actorName: by.name,
          reason: 'stolen',
          details: { after: { reason: 'stolen', message: 'Call 555.', until: until.toISOString() }, ended: 2 },
        },
      ])
      const [entry] = await db.select().from(revocations).where(eq(revocations.target, account.id))
      expect(entry).toMatchObject({ kind: 'account' })
    })

    it('S-13 voids a sign-in that is under way', async () => {
      const { db } = database
      const account = await anAccount(db)
      await blocked(db, account.id)
      await liftAccountBlock(db, account.id, null, SYSTEM)
      const late = {
        account: { id: account.id, generation: account.generation },
        appId: BUILT_IN_APP,
        client: aClient(),
        method: 'password',
      }
      expect(await startSession(db, late)).toEqual({ status: 'blocked', why: 'account' })
    })

    it('lifting gives nothing back: what ended stays ended, the person signs in again', async () => {
      const { db } = database
      const { account, token } = await aSession(db)
      const { block } = await blocked(db, account.id)
      expect(await liftAccountBlock(db, account.id, 'was a false alarm', SYSTEM)).toMatchObject({
        status: 'lifted',
        block: { lifted: { by: 'Rollcall', reason: 'was a false alarm' } },
      })
      expect(await verify(db, token)).toEqual({ status: 'denied', reason: 'ended' })
      expect((await aSession(db, { account })).session.state).toBe('live')
      expect(await events(db, account.id)).toMatchObject([
        { action: 'account.block-lifted', reason: 'was a false alarm' },
        { action: 'account.blocked' },
      ])
      expect(await liftAccountBlock(db, account.id, null, SYSTEM)).toBeUndefined()
      expect(await liftBlock(db, block.id, null, SYSTEM)).toBeUndefined()
    })

    it('a block that has run out refuses nobody, lifts itself once, and is logged', async () => {
      const { db } = database
      const account = await anAccount(db)
      const { block } = await blocked(db, account.id, { ...stolen, until: inHours(1) })
      expect(await liftExpiredBlocks(db)).toBe(0)
      await runOut(db, block.id)
      expect(await findAccount(db, account.id)).toMatchObject({ status: 'active', block: null })
      expect(await liftExpiredBlocks(db)).toBe(1)
      expect(await liftExpiredBlocks(db)).toBe(0)
      expect(await events(db, account.id)).toMatchObject([
        { action: 'account.block-lifted', actorKind: 'system', reason: 'Its time was over' },
        { action: 'account.blocked' },
      ])
    })

    it('blocking again replaces the block: the new terms count, both stay in the history, the log has before and after', async () => {
      const { db } = database
      const account = await anAccount(db)
      const first = await blocked(db, account.id, { reason: 'stolen', until: inHours(1) })
      const second = await blocked(db, account.id, { reason: 'left the company' })
      expect(await findAccount(db, account.id)).toMatchObject({
        block: { id: second.block.id, reason: 'left the company', until: null },
      })
      expect(await findBlock(db, first.block.id)).toMatchObject({ lifted: { reason: 'Replaced by another block' } })
      expect((await events(db, account.id))[0]?.details).toMatchObject({
        before: { reason: 'stolen' },
        after: { reason: 'left the company', until: null },
      })
    })

    it('blocking again with the same words changes nothing and writes nothing', async () => {
      const { db } = database
      const account = await anAccount(db)
      const until = inHours(1)
      const first = await blocked(db, account.id, { reason: 'stolen', until })
      expect(await blocked(db, account.id, { reason: 'stolen', until })).toMatchObject({
        block: { id: first.block.id },
        ended: 0,
      })
      expect(await events(db, account.id)).toHaveLength(1)
    })

    it('an account can be blocked anew when its block has run out and nobody has swept yet', async () => {
      const { db } = database
      const account = await anAccount(db)
      await runOut(db, (await blocked(db, account.id)).block.id)
      expect(await blocked(db, account.id, { reason: 'again' })).toMatchObject({ block: { reason: 'again' } })
      expect(await findAccount(db, account.id)).toMatchObject({ status: 'blocked' })
    })

    it.each([
      [{ reason: ' ' }, 'no-reason'],
      [{ reason: 'x', until: inHours(-1) }, 'until-past'],
      [{ reason: 'x', until: new Date(Number.NaN) }, 'until-past'],
      [{ reason: 'x', until: inHours(24 * 366 * 10) }, 'until-far'],
    ])('S-56 %j is refused: %s', async (terms, why) => {
      const { db } = database
      const { account, session } = await aSession(db)
      expect(await blockAccount(db, account.id, terms, SYSTEM)).toEqual({ status: 'refused', why })
      expect(await findSession(db, session.id)).toMatchObject({ state: 'live' })
      expect(await events(db, account.id)).toMatchObject([{ result: 'refused', details: { why } }])
    })

    it('S-32 nobody blocks themselves', async () => {
      const { db } = database
      await anOwner(db)
      const owner = await anOwner(db)
      expect(await blockAccount(db, owner.id, stolen, await acting(db, owner))).toEqual({
        status: 'refused',
        why: 'self',
      })
    })

    it('S-35 a responder blocks and unblocks people, but no owner', async () => {
      const { db } = database
      await anOwner(db)
      const owner = await anOwner(db)
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      expect(await blockAccount(db, owner.id, stolen, by)).toEqual({ status: 'refused', why: 'not-allowed' })
      await blocked(db, owner.id)
      expect(await liftAccountBlock(db, owner.id, null, by)).toEqual({ status: 'refused', why: 'not-allowed' })
      const person = await anAccount(db)
      await blocked(db, person.id, stolen, by)
      expect(await liftAccountBlock(db, person.id, null, by)).toMatchObject({ status: 'lifted' })
    })

    it.each(['person', 'viewer'] as const)('S-35 a %s blocks and unblocks nobody', async (role) => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role }))
      const target = await anAccount(db)
      expect(await blockAccount(db, target.id, stolen, by)).toEqual({ status: 'refused', why: 'not-allowed' })
      await blocked(db, target.id)
      expect(await liftAccountBlock(db, target.id, null, by)).toEqual({ status: 'refused', why: 'not-allowed' })
    })

    it("S-38 an app's key blocks people, but no owner unless its scope is admin", async () => {
      const { db } = database
      await anOwner(db)
      const owner = await anOwner(db)
      const [key, admin] = [await aKey(db, ['blocks:write']), await aKey(db, ['admin'])]
      expect(await blockAccount(db, owner.id, stolen, key)).toEqual({ status: 'refused', why: 'not-allowed' })
      expect(await blockAccount(db, (await anAccount(db)).id, stolen, key)).toMatchObject({ status: 'blocked' })
      expect(await blockAccount(db, owner.id, stolen, admin)).toMatchObject({ status: 'blocked' })
    })

    it('there is nothing to block or lift where there is no account', async () => {
      const { db } = database
      expect(await blockAccount(db, newId<AccountId>(), stolen, SYSTEM)).toBeUndefined()
      expect(await liftAccountBlock(db, newId<AccountId>(), null, SYSTEM)).toBeUndefined()
      expect(await previewAccountBlock(db, newId<AccountId>())).toBeUndefined()
    })

    it('the preview counts what the block then ends, and names the networks it came from', async () => {
      const { db } = database
      const { account } = await aSession(db, { from: 'Berlin' })
      await aSession(db, { account, from: 'Lisbon' })
      await aSession(db, { account, from: 'Lisbon' })
      await aSession(db, { account, signedInFor: '90 days' })
      await aSession(db, { from: 'Lisbon' })
      const preview = await previewAccountBlock(db, account.id)
      expect(preview).toEqual({
        sessions: 3,
        networks: [
          { network: '198.51.100.20/32', sessions: 2 },
          { network: '192.0.2.10/32', sessions: 1 },
        ],
      })
    })

    it('the list has the newest first, by state and kind, page by page, forth and back', async () => {
      const { db } = database
      await db.update(blocks).set({ liftedAt: sql`now()` })
      const ids: BlockId[] = []
      for (let n = 0; n < 5; n++) ids.unshift((await blocked(db, (await anAccount(db)).id)).block.id)
      const first = await listBlocks(db, {}, { limit: 2 })
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
      expect(first.previous).toBeNull()
      const second = await listBlocks(db, {}, { limit: 2, after: first.next ?? '' })
      const third = await listBlocks(db, {}, { limit: 2, after: second.next ?? '' })
      expect([...second.items, ...third.items].map(({ id }) => id)).toEqual(ids.slice(2))
      expect(third.next).toBeNull()
      expect((await listBlocks(db, {}, { limit: 2, before: second.previous ?? '' })).items).toEqual(first.items)
      expect(await countBlocks(db, { kind: 'account' })).toBe(5)
      expect(await countBlocks(db, { kind: 'network' })).toBe(0)
      await expect(listBlocks(db, { kind: 'account' }, { after: first.next ?? '' })).rejects.toThrow(BadCursor)
    })
  })

  eachPostgres((database) => {
    it('S-13 a sign-in passes the check, the block commits, the session never lives', async () => {
      const two = await database.twoConnections()
      const account = await anAccount(two[0])
      const signIn = {
        account: { id: account.id, generation: account.generation },
        appId: BUILT_IN_APP,
        client: aClient(),
        method: 'password',
      }
      const [, second] = await atTheSameTime(
        two,
        (tx) => blocked(tx, account.id),
        (db) => startSession(db, signIn),
      )
      expect(second).toEqual({ status: 'blocked', why: 'account' })
    })

    it('S-13 the session commits while the block waits for it: the block ends it', async () => {
      const two = await database.twoConnections()
      const account = await anAccount(two[0])
      const signIn = {
        account: { id: account.id, generation: account.generation },
        appId: BUILT_IN_APP,
        client: aClient(),
        method: 'password',
      }
      const [first, second] = await atTheSameTime(
        two,
        (tx) => startSession(tx, signIn),
        (db) => blocked(db, account.id),
      )
      if (first.status !== 'started') throw new Error(first.status)
      expect(second.ended).toBe(1)
      expect(await verify(two[0], first.token)).toEqual({ status: 'denied', reason: 'blocked' })
    })

    it('two blocks of one account at once leave one in force', async () => {
      const two = await database.twoConnections()
      const account = await anAccount(two[0])
      await atTheSameTime(
        two,
        (tx) => blocked(tx, account.id, { reason: 'one' }),
        (db) => blocked(db, account.id, { reason: 'two' }),
      )
      expect(await two[0].$count(blocks, and(eq(blocks.accountId, account.id), sql`${blocks.liftedAt} is null`))).toBe(
        1,
      )
      expect(await findAccount(two[0], account.id)).toMatchObject({ block: { reason: 'two' } })
    })

    it('an account whose block is being replaced is lifted all the same', async () => {
      const two = await database.twoConnections()
      const account = await anAccount(two[0])
      await blocked(two[0], account.id, { reason: 'one' })
      const [, lifted] = await atTheSameTime(
        two,
        (tx) => blocked(tx, account.id, { reason: 'two' }),
        (db) => liftAccountBlock(db, account.id, null, SYSTEM),
      )
      expect(lifted).toMatchObject({ status: 'lifted', block: { reason: 'two' } })
      expect(await findAccount(two[0], account.id)).toMatchObject({ block: null })
    })
  })
})
