import { eq, sql } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { disableApp } from '../../src/accounts/apps/changeApp.js'
import { createKey } from '../../src/accounts/apps/keys.js'
import { saveHost } from '../../src/accounts/apps/protectedHosts.js'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../src/accounts/blocks/networkBlocks.js'
import { saveImport } from '../../src/accounts/blocks/networkImports.js'
import { readNetworkList } from '../../src/accounts/blocks/networkList.js'
import { reviewNetworks } from '../../src/accounts/blocks/reviewNetworks.js'
import { addNote, listNotes } from '../../src/accounts/notes.js'
import { saveView } from '../../src/accounts/savedViews.js'
import { listAudit } from '../../src/audit/list.js'
import { recordAudit } from '../../src/audit/record.js'
import { AUDIT_ACTIONS, TERMINAL } from '../../src/audit/types.js'
import { BUILT_IN_APP } from '../../src/db/ids.js'
import { webhooks } from '../../src/db/schema/webhooks.js'
import { jobs, sessionCounts } from '../../src/db/schema.js'
import { revokeMatching } from '../../src/sessions/many/revokeMatching.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { EVENT_TYPES } from '../../src/webhooks/events.js'
import { useApp } from '../support/app.js'
import { aWebhook } from '../support/aWebhook.js'
import { accessible, fits } from '../support/axe.js'
import { anAccount, anApp, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { type PageOptions, useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'
import { isOf, listScreens } from '../support/screens.js'

/** A name that goes from right to left, one that never ends, and one that is hardly there. */
const HARD_NAMES = ['محمد عبد الرحمن الخوارزمي', 'Wolfeschlegelsteinhausenbergerdorff'.repeat(4), 'Ó']

/*
 * Every screen in every state, as the route table knows them: one that is added without a line here fails the first test.
 */
oneDatabase((database) => {
  const app = useApp(database)
  const chromium = useChromium()
  let owner: TestAccount
  /** Paths by what they show, of the panel and of a person's own pages; then those of a stranger. */
  let screens: string[]
  const STRANGERS = ['/sign-in', '/sign-in?return_to=/admin', '/setup', '/setup?token=gone', '/invitation?token=gone']

  beforeAll(async () => {
    const { db } = database
    owner = await anOwner(db)
    const priya = await anAccount(db, { name: 'Priya Raman' })
    const hard = await Promise.all(HARD_NAMES.map((name) => anAccount(db, { name })))
    for (const account of [priya, ...hard]) {
      await aSession(db, { account, on: 'Safari on iPhone', from: 'Osaka' })
      await aSession(db, { account, on: 'Chrome on Windows', from: 'Lisbon', idleFor: '3 hours' })
    }
    const { session } = await aSession(db, { account: priya, from: 'Lisbon' })
    const { session: ended } = await aSession(db, { account: priya })
    await revokeSession(db, ended.id, TERMINAL, 'stolen')
    const marta = await anAccount(db, { name: 'Marta Kowalczyk' })
    await blockAccount(db, marta.id, { reason: 'compromised', message: 'Call us.' }, TERMINAL)
    const network = await blockNetwork(db, { network: '198.18.0.0/15', reason: 'attack' }, TERMINAL)
    const list = readNetworkList('198.18.0.0/15\n203.0.113.200,spam\nthe office\n', { reason: 'attack' }, new Date())
    if ('problem' in list || network.status !== 'blocked') throw new Error('the lists of this test are wrong')
    const reviewed = await reviewNetworks(db, list, TERMINAL)
    const kept = await saveImport(db, { name: 'feed.csv', endSessions: true }, reviewed, TERMINAL)
    const job = await revokeMatching(db, { ip: '192.88.99.0/24' }, TERMINAL, 'proxy')
    const paused = await revokeMatching(db, { ip: '192.88.98.0/24' }, TERMINAL, 'proxy')
    const key = await createKey(db, { appId: BUILT_IN_APP, name: 'CI', scopes: ['sessions:verify'] }, TERMINAL)
    const actor = { kind: 'account', id: owner.id, name: owner.name, sessionId: session.id, ip: null } as const
    const view = await saveView(db, { list: 'sessions', query: 'q=priya', name: 'Priya', shared: true }, actor)
    const wiki = { host: 'wiki.localhost:8080', appId: await anApp(db, { name: 'Wiki' }), role: 'person' as const }
    const closed = await anApp(db, { name: 'Closed' })
    await disableApp(db, closed, 'over', TERMINAL)
    const rules = [{ path: '/admin', role: 'owner' as const }]
    const host = await saveHost(db, { ...wiki, rules }, TERMINAL, { id: undefined, secure: false, own: undefined })
    if (host?.status !== 'saved') throw new Error('no host')
    if (job.status !== 'done' || paused.status !== 'done' || key.status !== 'created' || view.status !== 'saved')
      throw new Error('not made')
    await db.update(jobs).set({ state: 'paused', total: 1_200, ended: 400 }).where(eq(jobs.id, paused.job))
    const guard = { allowLoopback: false, resolve: async () => ['93.184.215.14'] }
    const [told, broken] = await Promise.all(
      ['hooks.example.invalid', 'broken.example.invalid'].map((name) =>
        aWebhook(db, { url: `https://${name}/rollcall`, description: '', events: EVENT_TYPES }, TERMINAL, guard),
      ),
    )
    if (told?.status !== 'added' || broken?.status !== 'added') throw new Error('no webhook')
    const failed = { disabledAt: new Date(), disabledWhy: 'failing' as const }
    await db.update(webhooks).set(failed).where(eq(webhooks.id, broken.webhook.id))
    for (const action of AUDIT_ACTIONS) {
      await recordAudit(db, TERMINAL, action, { accountId: priya.id, details: { why: 'not-allowed', ended: 2 } })
    }
    await db.execute(sql`
      insert into ${sessionCounts} (at, live, online, sign_ins, failures, ended)
      select date_bin('15 minutes', now(), 'epoch') - n * interval '15 minutes', 500, 90, 10, 1, 8
      from generate_series(0, 200) n on conflict (at) do nothing`)
    const [event] = (await listAudit(db, {}, { limit: 1 })).items
    const account = `/admin/accounts/${priya.id}`
    for (let n = 0; n < 4; n += 1) await addNote(db, priya.id, `Call ${'back '.repeat(60 * n)}\non Monday`, TERMINAL)
    const [note] = await listNotes(db, priya.id)
    if (!note) throw new Error('no note')
    const many = `accounts=${priya.id}&account=${marta.id}`
    screens = [
      ...[
        '/admin',
        '/admin?range=30d',
        '/admin/kill-switch',
        '/admin/jobs',
        `/admin/jobs/${job.job}`,
        `/admin/jobs/${paused.job}`,
      ],
      ...[
        '',
        '?state=ended',
        '?state=all',
        '?q=nobody-has-this',
        '?q=203.0.113.0/24',
        '?country=XX',
        '?unseenDays=7',
        '?sort=unseen',
      ].map((query) => `/admin/sessions${query}`),
      ...[session.id, ended.id, 'not-there'].map((id) => `/admin/sessions/${id}`),
      ...['', '?account=', '?ip=203.0.113.0/24', '?country=PT'].map(
        (query) => `/admin/sessions/revoke-matching${query === '?account=' ? query + priya.id : query}`,
      ),
      ...['', `?session=${session.id}`].map((query) => `/admin/sessions/revoke${query}`),
      ...['', '?status=blocked', '?q=nobody-has-this', '?role=admins'].map((query) => `/admin/accounts${query}`),
      ...['/invite', `/block?${many}`, `/revoke-sessions?${many}`, `/lift-block?${many}`].map(
        (act) => `/admin/accounts${act}`,
      ),
      ...['', '?tab=sign-ins', '?tab=audit', '/block', '/revoke-sessions', '/role', '/invitation'].map(
        (part) => account + part,
      ),
      ...['/notes/new', `/notes/${note.id}/remove`].map((part) => account + part),
      ...[priya, marta].map(({ id }) => `/admin/accounts/${id}/require-new-password`),
      ...['', '/lift-block'].map((part) => `/admin/accounts/${marta.id}${part}`),
      ...hard.map(({ id }) => `/admin/accounts/${id}`),
      ...[
        '',
        '?state=lifted',
        '/new',
        '/new?network=203.0.113.0/24',
        '/import',
        `/import/${kept}`,
        `/import/${kept}/lift`,
      ].map((part) => `/admin/blocks${part}`),
      `/admin/blocks/${network.block.id}/lift`,
      ...['', '?q=nothing-has-this', '/chain', '/chain?head=x', `/${event?.id}`].map((part) => `/admin/audit${part}`),
      ...['', '/admins', '/about', '/keys', '/keys/new', `/keys/${key.key.id}/revoke`].map(
        (part) => `/admin/settings${part}`,
      ),
      ...['/change', '/replace'].map((part) => `/admin/settings/keys/${key.key.id}${part}`),
      ...['', '/new'].map((part) => `/admin/apps${part}`),
      ...[
        '',
        '/connect?with=express',
        '/connect?with=proxy',
        '/details',
        '/policy',
        '/disable',
        '/enable',
        '/delete',
      ].map((part) => `/admin/apps/${wiki.appId}${part}`),
      ...['', '/delete'].map((part) => `/admin/apps/${closed}${part}`),
      ...['', '/new', `/${host.host.id}`, `/${host.host.id}/remove`].map((part) => `/admin/settings/hosts${part}`),
      ...['', '/new', `/${broken.webhook.id}`].map((part) => `/admin/settings/webhooks${part}`),
      ...['', '?state=given-up', '/change', '/secret', '/remove'].map(
        (part) => `/admin/settings/webhooks/${told.webhook.id}${part}`,
      ),
      ...['/admin/palette', '/admin/palette?q=priya', '/admin/palette?q=nobody-has-this'],
      ...['new?list=sessions&query=q%3Dpriya', view.id, `${view.id}/delete`].map((p) => `/admin/views/${p}`),
      ...['/account', '/account/sessions', '/account/sessions/revoke-others', '/account/security', '/nothing'],
    ]
  })

  async function opened(options: Partial<PageOptions> = {}, account = owner): Promise<Page> {
    const { token } = await aSession(database.db, { account, ip: '127.0.0.1' })
    return chromium.open({ origin: app.url, token, ...options })
  }

  test('no page of the route table is missing here', () => {
    const walked = [...screens, ...STRANGERS]
    const missing = listScreens(app.services).filter((route) => !walked.some((path) => isOf(route, path)))
    expect(missing).toEqual([])
  })

  describe('axe finds nothing, nothing stands twice, nothing scrolls sideways', () => {
    // A phone and the narrowest screen have one layout, and a tablet and a desk have one: the others only have to fit.
    test('on every screen, at every width, in light and in dark', { timeout: 600_000 }, async () => {
      const page = await opened()
      const look = async (path: string) => {
        await page.setViewportSize({ width: 1440, height: 900 })
        await page.emulateMedia({ colorScheme: 'light' })
        await page.goto(path)
        await accessible(page, `${path}, light, 1440 px`)
        for (const width of [768, 390]) {
          await page.setViewportSize({ width, height: 900 })
          await fits(page, `${path}, ${width} px`)
        }
        await page.setViewportSize({ width: 320, height: 900 })
        await page.emulateMedia({ colorScheme: 'dark' })
        // Drawn anew: colours take a moment to change.
        await page.goto(path)
        await accessible(page, `${path}, dark, 320 px`)
      }
      for (const path of screens) await look(path)
      await page.context().clearCookies()
      for (const path of STRANGERS) await look(path)
    })
  })
})
