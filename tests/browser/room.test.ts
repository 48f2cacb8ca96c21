import { expect, test } from 'vitest'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

/** What has to be read whole has the room for it. */
oneDatabase((database) => {
  const { open } = usePanel(database)

  test('the ring of focus around the drawer’s title is seen on all its sides', async () => {
    const { session } = await aSession(database.db, { account: await anAccount(database.db) })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/sessions?q=${session.id}`)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('#session-title:focus-visible').waitFor()
    const cutBy = await page.evaluate<string[]>(`(() => {
      const title = document.querySelector('#session-title')
      const { outlineWidth, outlineOffset } = getComputedStyle(title)
      const reach = parseFloat(outlineWidth) + parseFloat(outlineOffset)
      const ring = title.getBoundingClientRect()
      const cutting = []
      for (let box = title.parentElement; box; box = box.parentElement) {
        if (getComputedStyle(box).overflowX === 'visible') continue
        const edge = box.getBoundingClientRect()
        if (ring.left - reach < edge.left || ring.right + reach > edge.right || ring.top - reach < edge.top || ring.bottom + reach > edge.bottom)
          cutting.push(box.className)
      }
      return cutting
    })()`)
    expect(cutBy).toEqual([])
  })
})
