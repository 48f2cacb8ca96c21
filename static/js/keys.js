// `/` goes to the search, j and k walk the lines, Enter opens, x selects, Escape leaves, `?` lists all that.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (document.querySelector('dialog[open]')) return
  const typing = event.target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')
  if (typing) {
    if (event.key === 'Escape') event.target.blur()
    return
  }
  const act = event.key === 'Enter' ? onBox(event.target) : single(event.key)
  if (!act) return
  event.preventDefault()
  act()
})

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-keys-help]')) help()
})

/** Single keys can be switched off: who speaks to their browser would set them off by words (WCAG 2.1.4). */
function single(key) {
  if (document.documentElement.dataset.singleKeys === 'off') return undefined
  return { '/': search, j: () => walk(1), k: () => walk(-1), x: () => toggle(), X: () => toggle(true), '?': help }[key]
}

/** On a row's box Enter would send the form of the selection. */
function onBox(element) {
  const row = element.matches('.row-select') && element.closest('[data-row]')
  return row ? () => row.querySelector('[data-row-link]')?.click() : undefined
}

function search() {
  const input = document.querySelector('#live [data-search]') ?? document.querySelector('[data-search]')
  input?.focus()
  input?.select()
}

/** From the line that has the focus, else from the one whose drawer is open. */
function walk(by) {
  const lines = [...document.querySelectorAll('[data-row-link], .audit-event > summary')]
  if (!lines.length) return
  const rowOf = (line) => line.closest('[data-row], .audit-event')
  const focused = lines.findIndex((line) => rowOf(line)?.contains(document.activeElement))
  const now = focused < 0 ? lines.findIndex((line) => rowOf(line)?.ariaCurrent === 'true') : focused
  const next = lines[now < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, now + by))]
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

function toggle(shiftKey = false) {
  const box = document.activeElement?.closest('[data-row]')?.querySelector('.row-select')
  box?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey }))
}

function help() {
  document.getElementById('keys')?.showModal()
}
