import { expect, test } from 'vitest'
import { hearing } from '../support/announced.js'
import { accessible } from '../support/axe.js'
import { anOwner } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { open } = usePanel(database)

  test.each([1440, 1000, 700, 390, 320])(
    'at %i px a page is called live once its stream is open, and nothing moves for it',
    async (width) => {
      const page = await open(await anOwner(database.db), { width })
      const said = await hearing(page)
      let release = () => {}
      const opening = new Promise<void>((resolve) => {
        release = resolve
      })
      await page.route('**/admin/stream', (route) => opening.then(() => route.continue()))
      await page.goto('/admin/sessions')
      const connection = page.locator('[data-connection]:visible')
      const beside = () =>
        page
          .locator('[data-palette]:visible, .user-menu-summary:visible')
          .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().left))
      const before = await beside()
      expect(await connection.locator('[data-text]').textContent()).toBe('Connecting…')
      expect(await connection.locator('.dot').getAttribute('data-tone')).toBe(null)
      await accessible(page)

      release()
      await connection.getByText('Live', { exact: true }).waitFor()
      expect(await connection.locator('.dot').getAttribute('data-tone')).toBe('green')
      expect(await beside()).toEqual(before)
      expect(await said()).toEqual([])
    },
  )
})
