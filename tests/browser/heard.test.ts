import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

interface Heard {
  role: string
  name: string
  description: string
  invalid: string
}

/** What Chromium tells a screen reader of the page, in the order in which it is read. */
async function heardOn(page: Page, role: string): Promise<Heard[]> {
  const chromium = await page.context().newCDPSession(page)
  const { nodes } = await chromium.send('Accessibility.getFullAXTree')
  await chromium.detach()
  return nodes
    .filter((node) => !node.ignored && node.role?.value === role)
    .map(({ name, description, properties = [] }) => ({
      role,
      name: name?.value ?? '',
      description: description?.value ?? '',
      invalid: properties.find((one) => one.name === 'invalid')?.value.value ?? 'false',
    }))
}

const namesOf = async (page: Page, role: string) => (await heardOn(page, role)).map(({ name }) => name)

/** How a page reads to somebody who does not see it. What is said as it changes: announcements.test.ts. */
oneDatabase((database) => {
  const { open } = usePanel(database)

  test('each row of a list is known by its head', async () => {
    const account = await anAccount(database.db, { name: 'Hera Head' })
    await aSession(database.db, { account })
    const page = await open(await anOwner(database.db))
    for (const path of ['/admin/sessions', '/admin/accounts']) {
      await page.goto(`${path}?q=hera`)
      expect(await page.getByRole('rowheader').count(), path).toBe(1)
      expect(await page.getByRole('rowheader').innerText(), path).toContain('Hera Head')
    }
    await page.goto('/admin/apps')
    await page.getByRole('rowheader', { name: 'Rollcall' }).waitFor()
  })

  test('a dialog says what it is about to do, and no answer is wrong before one was given', async () => {
    const account = await anAccount(database.db, { name: 'Dora Dialog' })
    await aSession(database.db, { account })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/accounts/${account.id}`)
    await page.getByRole('link', { name: 'Block account…' }).click()
    await page.getByRole('dialog').getByText('Compromised').waitFor()
    expect(await heardOn(page, 'dialog')).toMatchObject([
      { name: 'Block Dora Dialog?', description: expect.stringContaining('Ends 1 session now') },
    ])
    const choices = await heardOn(page, 'radio')
    expect(choices.map(({ name }) => name)).toContain('Compromised')
    expect(choices.filter(({ invalid }) => invalid !== 'false')).toEqual([])
  })

  test('what is wrong with a time is read with the field that it is wrong in', async () => {
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/settings')
    const box = page
      .getByRole('group', { name: 'Sessions of people' })
      .getByLabel('Signed out when not used for')
      .first()
    await box.fill('many')
    await page.getByRole('button', { name: 'Save settings' }).click()
    const wrong = page.locator('#idleTimeout-error')
    await wrong.waitFor()
    const [first] = (await heardOn(page, 'textbox')).filter(({ invalid }) => invalid === 'true')
    expect(first?.description).toContain((await wrong.innerText()).trim())
    expect(await page.evaluate('document.activeElement.id')).toBe('idleTimeout')
  })

  test('the sessions of an account are told apart by their links', async () => {
    const account = await anAccount(database.db, { name: 'Lina Links' })
    const { session } = await aSession(database.db, { account, on: 'Chrome on Windows', signedInFor: '3 days' })
    await revokeSession(database.db, session.id, TERMINAL, 'test')
    await aSession(database.db, { account, on: 'Chrome on Windows' })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/accounts/${account.id}`)
    const links = (await namesOf(page, 'link')).filter((name) => name.startsWith('Chrome'))
    expect(links).toHaveLength(2)
    expect(links[0]).toMatch(/^Chrome \d+, Rollcall, signed in today at \d\d:\d\d$/)
    expect(links[1]).toMatch(/^Chrome \d+, Rollcall, ended today at \d\d:\d\d$/)
  })

  test('the audit log’s days are headings, and its choices say what they narrow', async () => {
    const page = await open(await anOwner(database.db))
    await aSession(database.db)
    await page.goto('/admin/audit')
    expect((await namesOf(page, 'heading')).filter((name) => name.startsWith('Today'))).toEqual([
      expect.stringMatching(/^Today, \d+ \w+$/),
    ])
    const choices = await namesOf(page, 'DisclosureTriangleGrouped')
    expect(choices).toEqual(expect.arrayContaining(['By: Anyone', 'When: Any time']))
  })

  test('a name written from right to left stays by itself over the form', async () => {
    const account = await anAccount(database.db, { name: 'שרה 12' })
    await blockAccount(database.db, account.id, { reason: 'left the company' }, TERMINAL)
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/blocks')
    const lift = page.getByRole('link', { name: 'Lift the block on שרה 12' })
    await page.goto((await lift.getAttribute('href')) ?? '')
    expect(await page.locator('.crumbs [aria-current] bdi').allInnerTexts()).toEqual(['שרה'])
  })
})
