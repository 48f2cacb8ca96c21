// Menus are <details>: they close by a click elsewhere, by Escape, and after a choice.
const openMenus = () => document.querySelectorAll('details.menu[open]')

document.addEventListener('click', (event) => {
  for (const menu of openMenus()) {
    const inside = menu.contains(event.target)
    const chosen = inside && event.target.closest('.menu-panel :is(a, button)')
    if (!inside || chosen) close(menu)
  }
})

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    const dialog = [...document.querySelectorAll('dialog[open]')].at(-1)
    for (const menu of openMenus()) {
      // It may have been opened over an open menu: it goes first.
      if (dialog && !dialog.contains(menu)) continue
      close(menu)
      menu.querySelector('summary').focus()
      event.preventDefault()
    }
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  // Between choices of one kind the arrows are the browser's own.
  if (event.target.matches?.('input')) return
  const menu = event.target.closest?.('details.menu[open]')
  if (!menu) return
  event.preventDefault()
  const items = [...menu.querySelectorAll('.menu-panel :is(a, button)')]
  const now = items.indexOf(document.activeElement)
  const next = event.key === 'ArrowDown' ? now + 1 : Math.max(now, 0) - 1
  items.at(next % items.length)?.focus()
})

// What hangs below the screen would have to be looked for. The event does not bubble: it is caught on the way down.
document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target.matches?.('details.menu[open]'))
      target.querySelector('.menu-panel')?.scrollIntoView({ block: 'nearest' })
  },
  true,
)

/** What is in it can't keep the focus: it goes to what opens the menu. */
function close(menu) {
  if (menu.querySelector('.menu-panel').contains(document.activeElement)) menu.querySelector('summary').focus()
  menu.open = false
}
