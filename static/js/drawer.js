// The drawer over the list: its row is marked, closing it gives the list its address back.
const drawerOf = () => document.getElementById('drawer')
const openSession = () => drawerOf()?.querySelector('[data-session]')?.dataset.session

document.addEventListener('htmx:after:swap', (event) => {
  const drawer = drawerOf()
  if (!drawer) return
  markRow()
  if (event.detail.ctx?.target === drawer) drawer.querySelector('h1')?.focus({ preventScroll: true })
})

document.addEventListener('click', (event) => {
  const drawer = drawerOf()
  if (!drawer?.contains(event.target)) return
  if (event.target.closest('[data-drawer-close]')) {
    event.preventDefault()
    closeDrawer()
  } else if (event.target.closest('[data-drawer-step]')) {
    step(Number(event.target.closest('[data-drawer-step]').dataset.drawerStep))
  }
})

document.addEventListener('keydown', (event) => {
  // What lies over it goes first, and a text box is left first.
  if (event.key !== 'Escape' || document.querySelector('dialog[open], details.menu[open]')) return
  if (event.target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')) return
  if (openSession()) closeDrawer()
})

function closeDrawer() {
  globalThis.rollcall.callOff('drawer')
  const row = document.getElementById(`s-${openSession()}`)
  globalThis.rollcall.empty(drawerOf())
  const list = document.getElementById('live')?.getAttribute('hx-get')
  if (list) history.pushState({ htmx: true }, '', list)
  markRow()
  row?.querySelector('[data-row-link]')?.focus({ preventScroll: true })
  globalThis.rollcall.focusAgain(document.querySelector('[data-row-link]'))
}

function step(by) {
  const links = [...document.querySelectorAll('[data-row-link]')]
  const now = links.findIndex((link) => link.closest('tr')?.id === `s-${openSession()}`)
  links[now + by]?.click()
}

function markRow() {
  const id = openSession()
  for (const row of document.querySelectorAll('[data-row]')) {
    if (id && row.id === `s-${id}`) row.setAttribute('aria-current', 'true')
    else row.removeAttribute('aria-current')
  }
}
