import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { disableApp } from '../../../src/accounts/apps/changeApp.js'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { changePassword } from '../../../src/accounts/passwords/changePassword.js'
import { requireNewPassword } from '../../../src/accounts/passwords/requirePassword.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { type Actor, SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { revocations, sessions, settings } from '../../../src/db/schema.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession } from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { END_REASONS, type EndReason, type Session } from '../../../src/sessions/types.js'
import { age, anAccount, anApp, aSession, type TestAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'
import { quickPasswords } from '../../support/passwords.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aVerifier } from '../../support/verifier.js'

const PASSWORD = 'an old password, long enough'

interface Traveller {
  db: Database
  session: Session
  account: TestAccount
}

const person = ({ account, session }: Traveller): Extract<Actor, { kind: 'account' }> => ({
  kind: 'account',
  id: account.id,
  name: account.name,
  sessionId: session.id,
  ip: null,
})

/** What it answers with is the session as it is then. */
async function signsOut({ db, session }: Traveller, by: Actor, note: string | null) {
  expect(await revokeSession(db, session.id, by, note)).toEqual(await findSession(db, session.id))
}

/** Each road to "ended", as somebody walks it. A new reason without a walk here does not compile. */
const ROADS: Record<EndReason, (traveller: Traveller) => Promise<unknown>> = {
  'signed-out': (traveller) => signsOut(traveller, person(traveller), null),
  'signed-out-elsewhere': async (traveller) => {
    const other = await aSession(traveller.db, { account: traveller.account })
    return revokeAccountSessions(traveller.db, traveller.account.id, person({ ...traveller, ...other }), null, {
      except: other.session.id,
    })
  },
  revoked: (traveller) => signsOut(traveller, SYSTEM, 'stolen'),
  blocked: ({ db, account }) => blockAccount(db, account.id, { reason: 'stolen' }, TERMINAL),
  'network-blocked': ({ db }) =>
    blockNetwork(db, { network: '192.88.77.0/24', reason: 'attack', endSessions: true }, SYSTEM),
  'password-changed': async (traveller) => {
    const other = await aSession(traveller.db, { account: traveller.account })
    return changePassword(
      traveller.db,
      traveller.account.id,
      { present: PASSWORD, next: 'Vg7#new-words-nobody-guesses', signOutOthers: true, client: aClient() },
      person({ ...traveller, ...other }),
      { limits: createLimits(), passwords: quickPasswords() },
    )
  },
  'password-required': ({ db, account }) => requireNewPassword(db, account.id, 'leaked', SYSTEM),
  'role-changed': ({ db, account }) => changeRole(db, account.id, 'viewer', SYSTEM),
  'kill-switch': ({ db }) => killSwitch(db, 'everyone', 'breach', SYSTEM, { confirm: 'everyone' }),
  'app-disabled': ({ db, session }) => disableApp(db, session.app.id, 'breach', SYSTEM),
  replaced: ({ db, account, session }) =>
    startSession(db, {
      account: { id: account.id, generation: account.generation },
      appId: BUILT_IN_APP,
      client: aClient(),
      method: 'password',
      replaces: session.id,
    }),
  limit: async ({ db, account }) => {
    await db.update(settings).set({ sessionLimit: 1 })
    await aSession(db, { account })
    await db.update(settings).set({ sessionLimit: 100 })
  },
  idle: async ({ db, session }) => {
    await age(db, session, { idleFor: '25 hours' })
    await sweepSessions(db)
  },
  expired: async ({ db, session }) => {
    await age(db, session, { signedInFor: '31 days' })
    await sweepSessions(db)
  },
}

describe('all roads to ended', () => {
  eachDatabase((database) => {
    it.each(END_REASONS)('S-10 a session that ended by "%s" is marked, logged and refused', async (reason) => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      const { session, token } = await aSession(db, {
        account,
        ...(reason === 'app-disabled' ? { app: await anApp(db) } : {}),
        ip: reason === 'network-blocked' ? '192.88.77.5' : '192.88.78.5',
      })
      await ROADS[reason]({ db, session, account })

      const [row] = await db.select().from(sessions).where(eq(sessions.id, session.id))
      expect(row?.endReason).toBe(reason)
      const verdict = await aVerifier(db, () => {}).verify(token)
      expect(verdict.status).toBe('denied')
      const log = await db
        .select()
        .from(revocations)
        .where(sql`${revocations.target} in (${session.id}, ${account.id}, ${session.app.id}, 'everything')`)
      expect(log.length).toBeGreaterThan(0)
    })
  })

  it('S-10 one function alone writes that a session has ended, and one that a block begins', () => {
    const writers = (pattern: RegExp) =>
      sourceFiles(join(PROJECT_ROOT, 'src'))
        .filter((path) => !path.includes('/demo/') && pattern.test(readFileSync(path, 'utf8')))
        .map((path) => path.slice(PROJECT_ROOT.length + 1))
    expect(writers(/\bendedAt: sql|set[^;]*\bended_at\s*=/)).toEqual(['src/sessions/end.ts'])
    expect(writers(/\.insert\(sessions\)|insertAll\(\w+, sessions\b|insert into sessions/)).toEqual([
      'src/sessions/start.ts',
    ])
    expect(writers(/\.insert\(blocks\)|insertAll\(\w+, blocks\b|insert into blocks/)).toEqual([
      'src/accounts/blocks/blocks.ts',
    ])
  })
})

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
}
