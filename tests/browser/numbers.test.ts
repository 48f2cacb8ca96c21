import { expect, test } from 'vitest'
import { recordAudit } from '../../src/audit/record.js'
import { TERMINAL } from '../../src/audit/types.js'
import { type AuditEventId, newId } from '../../src/db/ids.js'
import { auditEvents } from '../../src/db/schema.js'
import { recordCounts } from '../../src/sessions/lists/counts.js'
import { addUpChanges } from '../../src/sessions/lists/tallies.js'
import { anAccount, anOwner } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { open } = usePanel(database)

  test('each bar and each square leads to the list that has as many events as it says', async () => {
    const { db } = database
    const viewer = await anAccount(db, { role: 'viewer' })
    const page = await open(viewer)
    const refused = { target: { kind: 'account', id: viewer.id, name: viewer.name }, accountId: viewer.id }
    for (const action of ['sign-in.refused', 'sign-in.refused', 'access.refused'] as const)
      await recordAudit(db, TERMINAL, action, { ...refused, result: 'refused' })
    // A chart has two counts at least in each of its ranges.
    for (const hours of [24, 1, 0]) await recordCounts(db, new Date(Date.now() - hours * 3_600_000))

    const bar = '.chart:visible a:has(.spot)'
    const square = '.heat:visible a'
    const shown = [
      ['/admin', bar],
      ['/admin?range=7d', bar],
      ['/admin?range=30d', bar],
      ['/admin', square],
      [`/admin/accounts/${viewer.id}?tab=sign-ins`, square],
    ] as const
    for (const [path, part] of shown) {
      await page.goto(path)
      const link = page
        .locator(part)
        .filter({ hasText: /2 failures/ })
        .last()
      const said = (await link.locator('title').textContent()) ?? ''
      const events = [...said.matchAll(/(\d+) (?:sign-in|failure)s?/g)].reduce((sum, [, n]) => sum + Number(n), 0)
      await link.click()
      await page.waitForURL('**/admin/audit?**')
      expect(await page.locator('.toolbar-count').textContent(), said).toContain(`${events} event`)
      expect(await page.locator('details.audit-event').count(), said).toBe(events)
    }
  })

  test('a tile leads to the list that has its number, or says which one it leads to', async () => {
    const { db } = database
    const owner = await anOwner(db)
    const page = await open(owner)
    const about = { accountId: owner.id, actorKind: 'stranger', actorName: owner.email } as const
    for (const days of [2, 40]) {
      const at = new Date(Date.now() - days * 86_400_000)
      await db.insert(auditEvents).values([
        { ...about, id: newId<AuditEventId>(at), at, action: 'session.started' },
        { ...about, id: newId<AuditEventId>(at), at, action: 'sign-in.refused', result: 'refused' },
      ])
    }
    await recordAudit(db, TERMINAL, 'sign-in.refused', { accountId: owner.id, result: 'refused' })
    await recordCounts(db)
    await addUpChanges(db)

    const follow = async (path: string, label: string) => {
      await page.goto(path)
      const tile = page.locator('.tile', { has: page.getByText(label, { exact: true }) })
      const said = await tile.locator('.tile-value').innerText()
      const title = await tile.getAttribute('title')
      await tile.click()
      await page.locator('.toolbar-count').waitFor()
      return { said, title, listed: await page.locator('.toolbar-count strong').innerText() }
    }
    const exact = [
      ['/admin', 'Live sessions'],
      ['/admin', 'Sign-ins, 24 h'],
      ['/admin', 'Failures, 24 h'],
      ['/admin/sessions', 'Sign-ins, 24 h'],
      [`/admin/accounts/${owner.id}`, 'Sign-ins, 30 days'],
      [`/admin/accounts/${owner.id}`, 'Failures, 30 days'],
      [`/admin/accounts/${owner.id}`, 'Blocks'],
    ] as const
    for (const [path, label] of exact) {
      const { said, title, listed } = await follow(path, label)
      expect([label, listed, title]).toEqual([label, said, null])
    }
    const others = [
      ['/admin', 'People online', 'All live sessions, those that were seen last first'],
      ['/admin/sessions', 'Ended, 24 h', 'All ended sessions, newest sign-in first'],
    ] as const
    for (const [path, label, says] of others) expect((await follow(path, label)).title).toBe(says)
  })
})
