import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { updateAccount } from '../../../src/accounts/accounts.js'
import { changeApp, disableApp, enableApp } from '../../../src/accounts/apps/changeApp.js'
import { changeKey } from '../../../src/accounts/apps/changeKey.js'
import { deleteApp } from '../../../src/accounts/apps/deleteApp.js'
import { ensureBootstrapKey, revokeKey } from '../../../src/accounts/apps/keys.js'
import { removeHost, saveHost } from '../../../src/accounts/apps/protectedHosts.js'
import { replaceKey } from '../../../src/accounts/apps/replaceKey.js'
import { blockAccount, liftAccountBlock, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { liftExpiredBlocks } from '../../../src/accounts/blocks/liftBlock.js'
import { blockNetwork, confirmBlock } from '../../../src/accounts/blocks/networkBlocks.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { changePassword } from '../../../src/accounts/passwords/changePassword.js'
import { requireNewPassword } from '../../../src/accounts/passwords/requirePassword.js'
import { setPassword } from '../../../src/accounts/passwords/setPassword.js'
import { ensureOwner } from '../../../src/accounts/passwords/setup.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { changeSettings } from '../../../src/accounts/settings.js'
import { unlockOwner } from '../../../src/accounts/unlock.js'
import { type Actor, type AuditAction, SYSTEM } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP, type KeyId, newId } from '../../../src/db/ids.js'
import { accounts, blocks, revocations, settings } from '../../../src/db/schema.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import {
  revokeAccountSessions,
  revokeSession,
  revokeSessions,
  revokeUnrecognised,
} from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { endOnWordOfApp } from '../../../src/sessions/stored/appEndings.js'
import { age, anAccount, anApp, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'
import { quickPasswords } from '../../support/passwords.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aKey } from '../api/client.js'

const PASSWORD = 'an old password, long enough'
const NETWORK = '192.88.99.0/24'
const passwords = quickPasswords()

type World = Awaited<ReturnType<typeof aWorld>>

/** Somebody with two sessions, one of them in an app, and a network that nobody uses. */
async function aWorld(db: Database) {
  await db.execute(sql`update blocks set lifted_at = now() where lifted_at is null`)
  const app = await anApp(db)
  const account = await anAccount(db, { password: PASSWORD })
  const { session } = await aSession(db, { account, ip: '198.51.100.5' })
  const { session: inApp } = await aSession(db, { account, app, ip: '198.51.100.6' })
  const self = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip: null } as const
  const inside: Actor = { ...self, ip: '192.88.99.7' }
  return { db, app, account, session, inApp, self, inside }
}

/** Prepares the world, and says what to do in it and which entries of the log that gives. */
type Road = (world: World) => Promise<{ act: (tx: Database) => Promise<unknown>; log: string[] }>
const road =
  (act: (tx: Database, world: World) => Promise<unknown>, log: (world: World) => string[]): Road =>
  async (world) => ({ act: (tx) => act(tx, world), log: log(world) })

const ofAccount = ({ account }: World) => [`account ${account.id}`]
const ofApp = ({ app }: World) => [`app ${app}`]
const ofSession = ({ session }: World) => [`session ${session.id}`]
const ofNetwork = () => [`network ${NETWORK}`]

const signIn = ({ account }: World) =>
  ({ account, appId: BUILT_IN_APP, client: aClient({ ip: '198.51.100.5' }), method: 'password' }) as const

const newPassword =
  (signOutOthers: boolean) =>
  (tx: Database, { account, self }: World) =>
    changePassword(
      tx,
      account.id,
      { present: PASSWORD, next: 'Vg7#new-words-nobody-guesses', signOutOthers, client: aClient() },
      self,
      { limits: createLimits(), passwords },
    )

const HTTPS = { secure: true, own: undefined }
const aHost = (appId: AppId) => ({ host: `${newId()}.example.com`, appId, role: 'person', rules: [] }) as const

async function savedHost({ db, app }: World) {
  const saved = await saveHost(db, { ...aHost(app), rules: [] }, SYSTEM, HTTPS)
  return saved?.status === 'saved' ? saved.host : expect.fail(saved?.status)
}

/**
 * Everything that ends trust or gives it back, by the line that it leaves in the audit log, with what it appends to the
 * revocation log. A new action without a decision here does not compile.
 */
const ROADS: Record<AuditAction, 'ends nothing' | Record<string, Road>> = {
  'session.started': {
    'the same browser signs in anew': road(
      (tx, world) => startSession(tx, { ...signIn(world), replaces: world.session.id }),
      ofSession,
    ),
    'one session more than the limit': road(async (tx, world) => {
      await tx.update(settings).set({ sessionLimit: 1 })
      await startSession(tx, signIn(world))
      await tx.update(settings).set({ sessionLimit: 100 })
    }, ofSession),
  },
  'session.ended': {
    'own session': road((tx, { session, self }) => revokeSession(tx, session.id, self, null), ofSession),
    'in an app, which says so': road(
      (tx, { inApp, app }) =>
        endOnWordOfApp(tx, inApp.id, 'signed-out', {
          appId: app,
          key: { id: newId<KeyId>(), name: 'shop' },
          reason: null,
        }),
      ({ inApp }) => [`session ${inApp.id}`],
    ),
  },
  'session.revoked': {
    one: road((tx, { session }) => revokeSession(tx, session.id, SYSTEM, 'test'), ofSession),
    selected: road(
      (tx, { session, inApp }) => revokeSessions(tx, [session.id, inApp.id], SYSTEM, 'test'),
      ({ session, inApp }) => [`session ${session.id}`, `session ${inApp.id}`],
    ),
  },
  'detection.opened': {
    'by its person': road(
      (tx, { session, self }) => revokeUnrecognised(tx, session.id, self, { accountId: self.id }),
      ofSession,
    ),
  },
  'sessions.revoked': {
    'by filter': road(
      (tx, { account }) => revokeMatching(tx, { account: account.id, ip: '198.51.100.5' }, SYSTEM, 'test'),
      ({ session }) => [`sessions ${session.id}`],
    ),
  },
  'job.paused': 'ends nothing',
  'job.resumed': 'ends nothing',
  'account.sessions-revoked': {
    everywhere: road((tx, { account }) => revokeAccountSessions(tx, account.id, SYSTEM, 'test'), ofAccount),
    'all others': road(
      (tx, { account, self, session }) => revokeAccountSessions(tx, account.id, self, null, { except: session.id }),
      ofAccount,
    ),
    'in one app': road(
      (tx, { account, app }) => revokeAccountSessions(tx, account.id, SYSTEM, 'test', { scope: { appId: app } }),
      ({ inApp }) => [`session ${inApp.id}`],
    ),
  },
  'account.created': 'ends nothing',
  'account.invited': 'ends nothing',
  'account.note-added': 'ends nothing',
  'account.note-removed': 'ends nothing',
  'account.updated': {
    'another name': road((tx, { account }) => updateAccount(tx, account.id, { name: 'Grace' }, SYSTEM), ofAccount),
  },
  'account.role-changed': {
    role: road((tx, { account }) => changeRole(tx, account.id, 'viewer', SYSTEM), ofAccount),
  },
  'account.password-required': {
    'a new one': road((tx, { account }) => requireNewPassword(tx, account.id, 'leaked', SYSTEM), ofAccount),
  },
  'account.blocked': {
    block: road((tx, { account }) => blockAccount(tx, account.id, { reason: 'test' }, SYSTEM), ofAccount),
  },
  'account.block-lifted': {
    lifted: async (world) => {
      await blockAccount(world.db, world.account.id, { reason: 'test' }, SYSTEM)
      return { act: (tx) => liftAccountBlock(tx, world.account.id, null, SYSTEM), log: ofAccount(world) }
    },
    expired: async (world) => {
      await blockAccount(world.db, world.account.id, { reason: 'test' }, SYSTEM)
      await world.db
        .update(blocks)
        .set({ until: sql`now() - interval '1 second'` })
        .where(eq(blocks.accountId, world.account.id))
      return { act: liftExpiredBlocks, log: ofAccount(world) }
    },
  },
  'account.password-changed': {
    'and the others signed out': road(newPassword(true), (world) => [...ofAccount(world), ...ofSession(world)]),
    'and nobody signed out': road(newPassword(false), ofSession),
    'by a link': road((tx, { account }) => setPassword(tx, account, 'hash', SYSTEM, { how: 'invitation' }), ofAccount),
  },
  'account.unlocked': {
    promoted: road((tx, { account }) => unlockOwner(tx, { email: account.email }), ofAccount),
    'and every block lifted': async (world) => {
      await blockAccount(world.db, world.account.id, { reason: 'test' }, SYSTEM)
      await blockNetwork(world.db, { network: NETWORK, reason: 'test' }, SYSTEM)
      await world.db.update(accounts).set({ role: 'owner' }).where(eq(accounts.id, world.account.id))
      return {
        act: (tx) => unlockOwner(tx, { email: world.account.email, liftNetworks: true }),
        log: [...ofAccount(world), ...ofNetwork()],
      }
    },
  },
  'network.blocked': {
    blocked: road((tx) => blockNetwork(tx, { network: NETWORK, reason: 'test' }, SYSTEM), ofNetwork),
    'and its sessions ended': async (world) => {
      const { session } = await aSession(world.db, { ip: '192.88.99.9' })
      return {
        act: (tx) => blockNetwork(tx, { network: NETWORK, reason: 'test', endSessions: true }, SYSTEM),
        log: [`session ${session.id}`, ...ofNetwork()],
      }
    },
    confirmed: async ({ db, account, inside }) => {
      await db.update(accounts).set({ role: 'owner' }).where(eq(accounts.id, account.id))
      const terms = { network: NETWORK, reason: 'test', confirmOwnAddress: '192.88.99.7' }
      const blocked = await blockNetwork(db, terms, inside)
      if (blocked.status !== 'blocked') throw new Error(blocked.why)
      return { act: (tx) => confirmBlock(tx, blocked.block.id, inside), log: ofNetwork() }
    },
  },
  'network.block-lifted': {
    lifted: async ({ db }) => {
      const blocked = await blockNetwork(db, { network: NETWORK, reason: 'test' }, SYSTEM)
      if (blocked.status !== 'blocked') throw new Error(blocked.why)
      return { act: (tx) => liftBlock(tx, blocked.block.id, null, SYSTEM), log: ofNetwork() }
    },
    expired: async ({ db }) => {
      await blockNetwork(db, { network: NETWORK, reason: 'test' }, SYSTEM)
      await db
        .update(blocks)
        .set({ until: sql`now() - interval '1 second'` })
        .where(sql`${blocks.network} = ${NETWORK}::cidr`)
      return { act: liftExpiredBlocks, log: ofNetwork() }
    },
  },
  'sign-in.refused': 'ends nothing',
  'setup.completed': {
    'somebody whom an app knows becomes the first owner': async (world) => {
      await world.db.update(accounts).set({ role: 'person' })
      const owner = { email: world.account.email, password: 'Vg7#new-words-nobody-guesses' }
      return { act: (tx) => ensureOwner(tx, owner, passwords), log: ofAccount(world) }
    },
  },
  'key.created': 'ends nothing',
  'key.changed': {
    'how often it may ask': async ({ db }) => {
      const { id } = await aKey(db)
      return { act: (tx) => changeKey(tx, id, { requestsPerMinute: 60 }, SYSTEM), log: [`key ${id}`] }
    },
  },
  'key.replaced': {
    'and the old one runs out': async ({ db }) => {
      const { id } = await aKey(db)
      const until = new Date(Date.now() + 86_400_000)
      return { act: (tx) => replaceKey(tx, id, until, SYSTEM), log: [`key ${id}`] }
    },
    'and the old one is revoked': async ({ db }) => {
      const { id } = await aKey(db)
      return { act: (tx) => replaceKey(tx, id, 'now', SYSTEM), log: [`key ${id}`] }
    },
  },
  'key.revoked': {
    revoked: async ({ db }) => {
      const { id } = await aKey(db)
      return { act: (tx) => revokeKey(tx, id, SYSTEM), log: [`key ${id}`] }
    },
    'replaced in the configuration': async ({ db }) => {
      const { id } = await ensureBootstrapKey(db, `rck_${'a'.repeat(42)}A`)
      return { act: (tx) => ensureBootstrapKey(tx, `rck_${'b'.repeat(42)}A`), log: [`key ${id}`] }
    },
  },
  'app.created': 'ends nothing',
  'app.changed': {
    'what it does when it can’t tell': road(
      (tx, { app }) => changeApp(tx, app, { onUnavailable: 'allow-cached' }, SYSTEM),
      ofApp,
    ),
    'how long its sessions last': road((tx, { app }) => changeApp(tx, app, { idleTimeout: 600 }, SYSTEM), ofApp),
    'who signs in to it': road((tx, { app }) => changeApp(tx, app, { role: 'viewer' }, SYSTEM), ofApp),
  },
  'app.deleted': {
    'and its keys revoked': async (world) => {
      const { id } = await aKey(world.db, { app: world.app })
      await disableApp(world.db, world.app, 'test', SYSTEM)
      return { act: (tx) => deleteApp(tx, world.app, SYSTEM), log: [`key ${id}`, ...ofApp(world)] }
    },
  },
  'app.disabled': { disabled: road((tx, { app }) => disableApp(tx, app, 'test', SYSTEM), ofApp) },
  'app.enabled': {
    enabled: async (world) => {
      await disableApp(world.db, world.app, 'test', SYSTEM)
      return { act: (tx) => enableApp(tx, world.app, null, SYSTEM), log: ofApp(world) }
    },
  },
  // Who is let in where is remembered under the lease too: each process reads it anew.
  'host.added': { added: road((tx, { app }) => saveHost(tx, { ...aHost(app), rules: [] }, SYSTEM, HTTPS), ofApp) },
  'host.changed': {
    'another role': async (world) => {
      const { id } = await savedHost(world)
      const changed = { ...aHost(world.app), role: 'owner' } as const
      return { act: (tx) => saveHost(tx, { ...changed, rules: [] }, SYSTEM, { id, ...HTTPS }), log: ofApp(world) }
    },
  },
  'host.removed': {
    removed: async (world) => {
      const { id } = await savedHost(world)
      return { act: (tx) => removeHost(tx, id, SYSTEM), log: ofApp(world) }
    },
  },
  'killswitch.used': {
    everyone: road(
      (tx) => killSwitch(tx, 'everyone', 'test', SYSTEM, { confirm: 'everyone' }),
      () => ['everything everything'],
    ),
    'one app': road(
      (tx, { app, inApp }) => killSwitch(tx, { app }, 'test', SYSTEM, { confirm: inApp.app.name }),
      ofApp,
    ),
  },
  'settings.changed': {
    policy: road(
      async (tx) => {
        await changeSettings(tx, { idleTimeout: 7_200 }, SYSTEM)
      },
      () => ['policy settings'],
    ),
  },
  'list.exported': 'ends nothing',
  'audit.removed': 'ends nothing',
  'view.shared': 'ends nothing',
  'view.withdrawn': 'ends nothing',
  'webhook.added': 'ends nothing',
  'webhook.changed': 'ends nothing',
  'webhook.removed': 'ends nothing',
  'webhook.disabled': 'ends nothing',
  'webhook.enabled': 'ends nothing',
  'webhook.secret-rotated': 'ends nothing',
  'webhook.replayed': 'ends nothing',
  'access.refused': 'ends nothing',
}

/** These leave no line in the audit log: nobody did anything. */
const BY_ITSELF: Record<string, Road> = {
  idle: async (world) => {
    await age(world.db, world.session, { idleFor: '25 hours' })
    return { act: sweepSessions, log: ofSession(world) }
  },
  expired: async (world) => {
    await age(world.db, world.session, { signedInFor: '31 days' })
    return { act: sweepSessions, log: ofSession(world) }
  },
}

const walks = Object.entries({ ...ROADS, 'over by itself': BY_ITSELF }).flatMap(([action, roads]) =>
  roads === 'ends nothing' ? [] : Object.entries(roads).map(([name, walk]) => ({ action, name, walk })),
)

describe('everything that ends trust, or gives it back, goes through the log', () => {
  eachDatabase((database) => {
    it.each(walks)('S-10 $action: $name', async ({ walk }) => {
      const { db } = database
      const world = await aWorld(db)
      const { act, log } = await walk(world)

      const all = () => db.$count(revocations)
      const before = await all()
      await expect(
        db.transaction(async (tx) => {
          await act(tx)
          throw new Error('taken back')
        }),
      ).rejects.toThrow('taken back')
      expect(await all(), 'what is rolled back leaves no entry').toBe(before)

      const found = await db.transaction(async (tx) => {
        await act(tx)
        return entriesOfThis(tx)
      })
      expect(found.toSorted()).toEqual(log.toSorted())
      expect(await all(), 'all of them in the transaction of the act').toBe(before + log.length)
      await db.update(settings).set({ idleTimeout: 86_400, sessionLimit: 100 })
    })
  })

  it('S-10 whatever puts something into the log, or ends a session, is walked above', () => {
    const calls = sourceFiles(join(PROJECT_ROOT, 'src')).flatMap((path) => {
      const text = readFileSync(path, 'utf8')
      const found =
        text.match(/(?<!function )\b(appendFrozen|appendRevocations|endSessions|endAll|endTrust|raiseGeneration)\(/g) ??
        []
      return found.length > 0 ? [`${path.slice(PROJECT_ROOT.length + 5)}: ${found.length}`] : []
    })
    expect(calls.toSorted()).toEqual([
      'accounts/accounts.ts: 1',
      'accounts/apps/changeApp.ts: 4',
      'accounts/apps/changeKey.ts: 1',
      'accounts/apps/deleteApp.ts: 1',
      'accounts/apps/keys.ts: 1',
      'accounts/apps/protectedHosts.ts: 1',
      'accounts/apps/replaceKey.ts: 1',
      'accounts/blocks/blocks.ts: 1',
      'accounts/blocks/endFromNetworks.ts: 2',
      'accounts/blocks/liftBlock.ts: 1',
      'accounts/blocks/networkBlocks.ts: 2',
      'accounts/endTrust.ts: 1',
      'accounts/keepStored.ts: 2',
      'accounts/passwords/changePassword.ts: 1',
      'accounts/passwords/requirePassword.ts: 1',
      'accounts/passwords/setPassword.ts: 1',
      'accounts/roles.ts: 1',
      'accounts/settings.ts: 1',
      'accounts/unlock.ts: 1',
      'sessions/end.ts: 2',
      'sessions/endings.ts: 2',
      'sessions/generation.ts: 1',
      'sessions/killSwitch.ts: 1',
      'sessions/log/revocations.ts: 1',
      'sessions/many/markByGeneration.ts: 1',
      'sessions/many/markEndings.ts: 1',
      'sessions/many/markJobs.ts: 2',
      'sessions/many/revokeMatching.ts: 1',
      'sessions/revoke.ts: 4',
      'sessions/start.ts: 2',
      'sessions/stored/appEndings.ts: 1',
      'sessions/stored/stored.ts: 2',
      'sessions/stored/storedRow.ts: 1',
      'sessions/sweep.ts: 1',
    ])
  })
})

/** "kind target", of the present transaction. */
async function entriesOfThis(tx: Database): Promise<string[]> {
  const rows = rowsOf<{ entry: string }>(
    await tx.execute(sql`select kind || ' ' || target as entry from ${revocations} where xid = pg_current_xact_id()`),
  )
  return rows.map(({ entry }) => entry)
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
}
