// One event stream a page. Its events become DOM events that regions listen to (hx-trigger="rollcall:sessions from:body").
const url = document.querySelector('meta[name="rollcall-stream"]')?.content
const signIn = () => `/sign-in?return_to=${encodeURIComponent(location.pathname + location.search)}`
const missed = new Set()
let source
let retryMs = 1000
let opened = false

if (url) {
  connect()
  // What is shown as "4 min ago" grows old by itself.
  setInterval(() => announce('tick'), 60_000)
  document.addEventListener('visibilitychange', catchUp)
  addEventListener('pageshow', (event) => event.persisted && connect())
  addEventListener('pagehide', () => source?.close())
  // A form that leads on to another page may end this one's session itself: that page must not be raced for.
  addEventListener('submit', (event) => event.defaultPrevented || source?.close())
}

function connect() {
  source?.close()
  source = new EventSource(url)
  source.addEventListener('open', () => {
    retryMs = 1000
    show('live')
    // What happened while it was away was told to nobody.
    if (opened) for (const name of ['sessions', 'audit']) announce(name)
    opened = true
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
