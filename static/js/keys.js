// `/` goes to the search, j and k walk the rows, x selects, Escape leaves, `?` lists all that.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (document.querySelector('dialog[open]')) return
  const typing = event.target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')
  if (typing) {
    if (event.key === 'Escape') event.target.blur()
    return
  }
  const act = { '/': search, j: () => walk(1), k: () => walk(-1), x: toggle, '?': help }[event.key]
  if (!act) return
  event.preventDefault()
  act()
})

function search() {
  const input = document.querySelector('[data-search]')
  input?.focus()
  input?.select()
}

function walk(by) {
  const links = [...document.querySelectorAll('[data-row-link]')]
  if (!links.length) return
  const now = links.findIndex((link) => link.closest('[data-row]')?.contains(document.activeElement))
  const next = links[now < 0 ? 0 : Math.min(links.length - 1, Math.max(0, now + by))]
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

function toggle() {
  document.activeElement?.closest('[data-row]')?.querySelector('.row-select')?.click()
}

function help() {
  document.getElementById('keys')?.showModal()
}
