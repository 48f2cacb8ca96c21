'use strict'
// copy.js
{
// A button with data-copy puts its text on the clipboard and says so for two seconds.
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
  button.dataset.copied = ''
  say('Copied')
  setTimeout(() => delete button.dataset.copied, 2000)
})

function say(text) {
  const region = document.getElementById('spoken')
  if (region) region.textContent = text
}
}
// dialog.js
{
// A link with hx-target="#dialog" brings a page's form into the one <dialog>; without script it is that page.
document.addEventListener('htmx:after:swap', (event) => {
  const dialog = document.getElementById('dialog')
  if (!dialog || event.detail.ctx?.target !== dialog) return
  if (!dialog.childElementCount) return dialog.close()
  if (!dialog.open) dialog.showModal()
  dialog.querySelector('[autofocus], [aria-invalid="true"], input:not([type="hidden"]), button')?.focus()
})

document.addEventListener('click', (event) => {
  const closer = event.target.closest('[data-close]')
  const dialog = closer?.closest('dialog')
  if (!dialog) return
  event.preventDefault()
  dialog.close()
})

// Close events do not bubble: they are caught on the way down. What a dialog was brought goes with it.
document.addEventListener(
  'close',
  (event) => {
    if (event.target.id === 'dialog') event.target.replaceChildren()
  },
  true,
)

// Passwords can be looked at.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-reveal]')
  const input = button && document.getElementById(button.dataset.reveal)
  if (!input) return
  const shown = input.type === 'text'
  input.type = shown ? 'password' : 'text'
  button.setAttribute('aria-pressed', String(!shown))
})
}
// drawer.js
{
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
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return
  if (openSession()) closeDrawer()
})

function closeDrawer() {
  const row = document.getElementById(`s-${openSession()}`)
  drawerOf().replaceChildren()
  const list = document.getElementById('live')?.getAttribute('hx-get')
  if (list) history.pushState({ htmx: true }, '', list)
  markRow()
  row?.querySelector('[data-row-link]')?.focus({ preventScroll: true })
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
}
// keep.js
{
// What the person has opened stays open when a region is refreshed: the server does not know of it.
htmx.registerExtension('rollcall', {
  htmx_before_morph_attr: (element, { attrName, newValue }) => {
    if (newValue !== null) return
    if (attrName === 'open' && element.matches('details, dialog')) return false
    if (attrName === 'aria-current' && element.matches('[data-row]')) return false
  },
})
}
// keys.js
{
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
}
// live.js
{
// One event stream a page. Its events become DOM events that regions listen to (hx-trigger="rollcall:sessions from:body").
const url = document.querySelector('meta[name="rollcall-stream"]')?.content
const signIn = () => `/sign-in?return_to=${encodeURIComponent(location.pathname + location.search)}`
const missed = new Set()
let source
let retryMs = 1000

if (url) {
  connect()
  // What is shown as "4 min ago" grows old by itself.
  setInterval(() => announce('tick'), 60_000)
  document.addEventListener('visibilitychange', catchUp)
  addEventListener('pageshow', (event) => event.persisted && connect())
  addEventListener('pagehide', () => source?.close())
}

function connect() {
  source?.close()
  source = new EventSource(url)
  source.addEventListener('open', () => {
    retryMs = 1000
    show('live')
  })
  for (const name of ['sessions', 'audit']) source.addEventListener(name, () => announce(name))
  source.addEventListener('ended', leave)
  source.addEventListener('error', () => {
    show('reconnecting')
    // The browser tries again by itself unless the server answered with something else than a stream.
    if (source.readyState === EventSource.CLOSED) void askWhy()
  })
}

/** A hidden tab asks for nothing; it catches up when it is looked at. */
function announce(name) {
  if (document.hidden) return missed.add(name)
  document.body.dispatchEvent(new CustomEvent(`rollcall:${name}`))
}

function catchUp() {
  if (document.hidden) return
  for (const name of missed) announce(name)
  missed.clear()
}

async function askWhy() {
  try {
    const answer = await fetch(location.href, { headers: { 'Rollcall-Background': '1' }, redirect: 'manual' })
    if (answer.type === 'opaqueredirect' || answer.status === 401) return leave()
  } catch {
    // The server is away: try again below.
  }
  setTimeout(connect, retryMs)
  retryMs = Math.min(retryMs * 2, 30_000)
}

function leave() {
  source?.close()
  location.replace(signIn())
}

function show(state) {
  for (const element of document.querySelectorAll('[data-connection]')) {
    if (element.dataset.state === state) continue
    element.dataset.state = state
    element.querySelector('.dot').dataset.tone = state === 'live' ? 'green' : 'amber'
    element.querySelector('[data-text]').textContent = state === 'live' ? 'Live' : 'Reconnecting…'
  }
}

// A request that finds the session gone leads out too.
document.addEventListener('htmx:response:error', (event) => {
  if (event.detail.ctx?.response?.status === 401) leave()
})

// Rows that have come since the page was made are tinted; those that ended leave after six seconds.
let leaving
document.addEventListener('htmx:before:swap', () => {
  known = rowIds()
})
document.addEventListener('htmx:after:swap', (event) => {
  if (event.detail.ctx?.sourceElement?.id === 'live') {
    for (const row of document.querySelectorAll('#live [data-row]')) {
      if (!known.has(row.id)) row.classList.add('is-new')
    }
  }
  if (!leaving && document.querySelector('[data-leaving]')) {
    leaving = setTimeout(() => {
      leaving = undefined
      announce('sessions')
    }, 6000)
  }
})
let known = rowIds()

function rowIds() {
  return new Set([...document.querySelectorAll('#live [data-row]')].map((row) => row.id))
}
}
// menu.js
{
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
}
// rows.js
{
// A click anywhere on a row opens what its link opens, unless text is being selected or a control was meant.
document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-row]')
  if (!row || event.target.closest('a, button, input, label, summary, details')) return
  if (getSelection().toString()) return
  const link = row.querySelector('[data-row-link]')
  if (event.ctrlKey || event.metaKey) open(link.href, '_blank', 'noopener')
  else link?.click()
})
}
// select.js
{
// Selecting rows: shift-click takes the rows between, the head's box takes the page, the bar says how many.
const boxes = () => [...document.querySelectorAll('.row-select')]
let last

document.addEventListener('click', (event) => {
  if (event.target.matches?.('.select-all')) {
    for (const box of boxes()) box.checked = event.target.checked
    count()
  } else if (event.target.matches?.('.row-select')) {
    const all = boxes()
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b)
    if (event.shiftKey && from >= 0) for (const box of all.slice(from, to + 1)) box.checked = event.target.checked
    last = event.target
    count()
  } else if (event.target.closest?.('[data-clear-selection]')) {
    event.preventDefault()
    for (const box of boxes()) box.checked = false
    count()
  }
})
document.addEventListener('htmx:after:swap', count)
addEventListener('pageshow', count)

function count() {
  const all = boxes()
  const chosen = all.filter((box) => box.checked).length
  const head = document.querySelector('.select-all')
  if (head) {
    head.checked = chosen > 0 && chosen === all.length
    head.indeterminate = chosen > 0 && chosen < all.length
  }
  for (const element of document.querySelectorAll('[data-selected]')) element.textContent = `${chosen} selected`
  for (const element of document.querySelectorAll('[data-selected-act]')) {
    element.textContent = `Sign out ${chosen} ${chosen === 1 ? 'session' : 'sessions'}`
  }
}
}
// theme.js
{
// The choice is kept in a cookie that the server reads, so that a page never flashes in the other theme.
document.documentElement.classList.add('js')

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-theme-form]')) return
  event.preventDefault()
  const root = document.documentElement
  const dark =
    getComputedStyle(root).colorScheme === 'dark' ||
    (!root.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'light' : 'dark'
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === 'https:' ? '; Secure' : ''}`
})
}
// toast.js
{
// Toasts go by themselves, unless they are being read.
const LIFE_MS = 8000

for (const toast of document.querySelectorAll('.toast')) watch(toast)
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) if (node.matches?.('.toast')) watch(node)
}).observe(document.getElementById('toasts') ?? document.createElement('div'), { childList: true })

function watch(toast) {
  const later = () => setTimeout(() => (toast.matches(':hover, :focus-within') ? later() : toast.remove()), LIFE_MS)
  later()
}

document.addEventListener('click', (event) => event.target.closest('[data-dismiss]')?.closest('.toast')?.remove())

// What the server refused or could not do is said, in words, without inserting any of its markup.
document.addEventListener('htmx:response:error', (event) => {
  const { status, background } = { status: event.detail.ctx?.response?.status, background: isBackground(event) }
  if (background || status === 401 || status === 422) return
  const template = document.getElementById('toast-error')
  if (!template) return
  const toast = template.content.firstElementChild.cloneNode(true)
  toast.querySelector('[data-text]').textContent =
    {
      403: 'Your role does not allow this.',
      404: 'It is not there any more.',
      429: 'Too many requests. Try again in a moment.',
    }[status] ?? 'It did not work. Try again in a moment.'
  document.getElementById('toasts').append(toast)
})

function isBackground(event) {
  return Boolean(event.detail.ctx?.request?.headers?.['Rollcall-Background'])
}
}
