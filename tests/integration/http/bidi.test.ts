import { expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { eachKindOfDatabase } from '../../support/database.js'
import { signedIn } from '../admin/signedIn.js'

/** Written over from right to left, it reads "Ada Byrne". */
const DISGUISED = '\u202eenryB adA'
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/

eachKindOfDatabase((database) => {
  const app = useApp(database)

  test('S-43 a name that would be read as another’s shows on every page what it is', async () => {
    const { db } = database
    const owner = await anOwner(db, { name: DISGUISED })
    const client = await signedIn(db, app.url, owner)
    const account = await anAccount(db, { name: DISGUISED, email: `${DISGUISED}@example.com`.replaceAll(' ', '') })
    const shop = await anApp(db, { name: DISGUISED })
    const { session } = await aSession(db, { account, app: shop })
    const { session: ended } = await aSession(db, { account, app: shop })
    await revokeSession(db, ended.id, TERMINAL, DISGUISED)
    await blockAccount(db, (await anAccount(db, { name: DISGUISED })).id, { reason: DISGUISED }, TERMINAL)
    const paths = [
      '/admin',
      '/admin/sessions',
      '/admin/sessions?state=all',
      `/admin/sessions/${session.id}`,
      `/admin/sessions/${ended.id}`,
      '/admin/accounts',
      `/admin/accounts/${account.id}`,
      `/admin/accounts/${account.id}/block`,
      '/admin/blocks',
      '/admin/audit',
      '/admin/apps',
      `/admin/apps/${shop}`,
      `/admin/apps/${shop}/delete`,
      `/admin/kill-switch?app=${shop}`,
      '/admin/palette?q=adA',
      '/account',
    ]
    for (const path of paths) {
      const { status, body } = await client.get(path)
      expect(status, path).toBeLessThan(400)
      // What is copied is what it is.
      expect(body.replaceAll(/ data-copy="[^"]*"/g, '').match(CONTROLS), path).toBeNull()
    }
    expect((await client.get('/admin/sessions')).body).toContain('aria-label="Sign out \ufffdenryB adA"')
    const file = await client.get('/admin/sessions/export?format=csv')
    expect(file.body).toContain(DISGUISED)
  })
})
