// One event stream a browser. Its events become DOM events that regions listen to (hx-trigger="rollcall:sessions from:body").
const url = document.querySelector('meta[name="rollcall-stream"]')?.content
const signIn = () => `/sign-in?return_to=${encodeURIComponent(location.pathname + location.search)}`
const EVENTS = ['sessions', 'audit']
const missed = new Set()
let source
let retryMs = 1000
let live = false
let away = false

// A browser gives one server six connections, and a stream takes one for good: the tab that holds the lock has the
// stream and tells the others, and when it goes the next one takes its place.
const tabs =
  url && 'BroadcastChannel' in window && navigator.locks ? new BroadcastChannel(`rollcall:${url}`) : undefined

if (url) {
  if (tabs) {
    tabs.addEventListener('message', ({ data }) => heard(data))
    tabs.postMessage({ ask: true })
    void navigator.locks.request(`rollcall:${url}`, () => {
      connect()
      return new Promise(() => {})
    })
  } else connect()
  // What is shown as "4 min ago" grows old by itself.
  setInterval(() => announce('tick'), 60_000)
  // What changes all the time is brought anew while it is looked at.
  setInterval(() => document.hidden || announce('beat'), 3000)
  document.addEventListener('visibilitychange', catchUp)
  addEventListener('pageshow', (event) => event.persisted && source && connect())
  addEventListener('pagehide', () => source?.close())
  // A form that leads on to another page may end this one's session itself: that page must not be raced for.
  addEventListener('submit', (event) => {
    if (event.defaultPrevented) return
    away = true
    source?.close()
  })
}

function connect() {
  source?.close()
  if (away) return
  source = new EventSource(url)
  source.addEventListener('open', () => {
    retryMs = 1000
    tell({ state: 'live' })
  })
  for (const event of EVENTS) source.addEventListener(event, () => tell({ event }))
  source.addEventListener('ended', () => tell({ ended: true }))
  source.addEventListener('error', () => {
    tell({ state: 'reconnecting' })
    // The browser tries again by itself unless the server answered with something else than a stream.
    if (source.readyState === EventSource.CLOSED) void askWhy()
  })
}

/** Here and in the other tabs. */
function tell(news) {
  tabs?.postMessage(news)
  heard(news)
}

function heard({ ask, state, event, ended }) {
  if (ask) return source?.readyState === EventSource.OPEN && tabs?.postMessage({ state: 'live' })
  if (state) follow(state)
  if (event) announce(event)
  if (ended) leave()
}

/** What happened since the page was made, or while the stream was away, was told to nobody. */
function follow(state) {
  if (state === 'live' && !live) for (const event of EVENTS) announce(event)
  live = state === 'live'
  show(state)
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
    if (answer.type === 'opaqueredirect' || answer.status === 401) return tell({ ended: true })
  } catch {
    // The server is away: try again below.
  }
  setTimeout(connect, retryMs)
  retryMs = Math.min(retryMs * 2, 30_000)
}

function leave() {
  if (away) return
  away = true
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
let known = rowIds()
document.addEventListener('htmx:before:swap', () => {
  known = rowIds()
})
document.addEventListener('htmx:after:swap', (event) => {
  if (event.detail.ctx?.sourceElement?.id === 'live') {
    for (const row of document.querySelectorAll('#live [data-row]')) {
      if (!known.has(row.id)) row.classList.add('is-new')
    }
  }
  letLeave()
})
// A page may be opened within those seconds: then no swap comes that would start them.
letLeave()

function letLeave() {
  if (leaving || !document.querySelector('[data-leaving]')) return
  leaving = setTimeout(() => {
    leaving = undefined
    announce('sessions')
  }, 6000)
}

function rowIds() {
  return new Set([...document.querySelectorAll('#live [data-row]')].map((row) => row.id))
}
