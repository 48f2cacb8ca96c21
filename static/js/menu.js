// Menus are <details>: they close by a click elsewhere, by Escape, and after a choice.
const openMenus = () => document.querySelectorAll('details.menu[open]')

document.addEventListener('click', (event) => {
  for (const menu of openMenus()) {
    const inside = menu.contains(event.target)
    const chosen = inside && event.target.closest('.menu-panel :is(a, button)')
    if (!inside || chosen) menu.open = false
  }
})

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    for (const menu of openMenus()) {
      menu.open = false
      menu.querySelector('summary').focus()
      event.preventDefault()
    }
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const menu = event.target.closest?.('details.menu[open]')
  if (!menu) return
  event.preventDefault()
  const items = [...menu.querySelectorAll('.menu-panel :is(a, button)')]
  const now = items.indexOf(document.activeElement)
  const next = event.key === 'ArrowDown' ? now + 1 : now - 1
  items[(next + items.length) % items.length]?.focus()
})
