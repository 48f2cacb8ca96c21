// One event stream a browser. What it says becomes events of the body, which other scripts listen to:
// rollcall:changes (what happened in the last second), rollcall:catch-up (what happened meanwhile was told to nobody),
// rollcall:poll (there is no stream), rollcall:tick (a minute has gone), rollcall:beat, rollcall:leave (for the sign-in).
const url = document.querySelector('meta[name="rollcall-stream"]')?.content
const inPanel = url?.startsWith('/admin')
const signIn = () => `/sign-in?return_to=${encodeURIComponent(location.pathname + location.search)}`
const POLL_AFTER_MS = 15_000
const POLL_MS = 10_000
const LONGEST_RETRY_MS = 30_000
const STANDS_AFTER_MS = 5000
const STAYS_AFTER_MS = 15_000
// Half a period of the stream's heartbeat each.
const MOST_QUIET_ROUNDS = 5
let source
let retryMs = 1000
let retry
let standing
let link = 'connecting'
let missed = false
let leads = false
let away = false
// Something has come through the stream that is open here.
let speaks = false
// As the stream says it.
let heartbeatMs = 15_000
let rounds
// The database does not answer, or nothing does: since when what is on the screen may be out of date.
let databaseAway = false
let staleSince

// A browser gives one server six connections, and a stream takes one for good: the tab that holds the lock has the
// stream and tells the others, and when it goes the next one takes its place.
const tabs =
  url && 'BroadcastChannel' in window && navigator.locks ? new BroadcastChannel(`rollcall:${url}`) : undefined

if (url) {
  if (tabs) {
    tabs.addEventListener('message', ({ data }) => heard(data))
    tabs.postMessage({ ask: true })
    void navigator.locks.request(`rollcall:${url}`, () => {
      lead()
      return new Promise(() => {})
    })
  } else lead()
  setTimeout(startPolling, POLL_AFTER_MS)
  // What is shown as "4 min ago" grows old by itself.
  setInterval(() => document.hidden || fire('tick'), 60_000)
  // What changes all the time is brought anew while it is looked at.
  setInterval(() => document.hidden || fire('beat'), 3000)
  document.addEventListener('visibilitychange', catchUp)
  addEventListener('pageshow', (event) => event.persisted && source && connect())
  addEventListener('pagehide', () => source?.close())
  // A form that leads on to another page may end this one's session itself: that page must not be raced for.
  addEventListener('submit', (event) => {
    if (event.defaultPrevented) return
    away = true
    source?.close()
    // It may have been stopped, or have brought no page: all tabs of the browser would hear nothing any more.
    setTimeout(stay, STAYS_AFTER_MS)
  })
}

function lead() {
  leads = true
  connect()
}

function stay() {
  away = false
  if (leads) connect()
  setTimeout(startPolling, POLL_AFTER_MS)
}

function connect() {
  source?.close()
  clearTimeout(retry)
  if (away) return
  speaks = false
  countQuiet()
  source = new EventSource(url)
  source.addEventListener('here', ({ data }) => hearsOf({ heartbeatMs: Number(data) }))
  source.addEventListener('changes', ({ data }) => hearsOf({ changes: JSON.parse(data) }))
  source.addEventListener('sessions', () => hearsOf({ changes: { others: true } }))
  source.addEventListener('ended', () => tell({ ended: true }))
  source.addEventListener('error', lose)
}

/** A stream is live once something has come through: a proxy may open it and hold what comes. */
function hearsOf(news) {
  const opened = !speaks
  if (opened) {
    speaks = true
    standing = setTimeout(() => {
      retryMs = 1000
    }, STANDS_AFTER_MS)
  }
  tell({ link: 'live', opened, ...news })
}

/** Not left to the browser, which would come back after a fixed time, together with everybody else's. */
function lose() {
  source?.close()
  speaks = false
  clearInterval(rounds)
  clearTimeout(standing)
  tell({ link: 'lost' })
  retry = setTimeout(askWhy, retryMs * (0.5 + Math.random()))
  retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
}

/** Rounds and not the time: while a tab or its machine sleeps nothing is heard, and nothing is counted. */
function countQuiet() {
  clearInterval(rounds)
  let quiet = 0
  rounds = setInterval(() => {
    quiet += 1
    if (quiet < MOST_QUIET_ROUNDS) return
    clearInterval(rounds)
    // The tab that has the stream may be asleep, and the others with it.
    if (leads) lose()
    else follow('lost')
  }, heartbeatMs / 2)
}

/** Here and in the other tabs. */
function tell(news) {
  tabs?.postMessage(news)
  heard(news)
}

function heard({ ask, link: now, opened, heartbeatMs: everyMs, changes, ended }) {
  if (ask) return speaks && tabs?.postMessage({ link: 'live', heartbeatMs })
  heartbeatMs = everyMs ?? heartbeatMs
  if (now === 'live') countQuiet()
  if (now && (opened || now !== link)) follow(now, opened)
  if (changes) hear(changes)
  if (ended) leave()
}

function follow(now, opened) {
  if (now === 'live') {
    // Between the stream of a tab that went and this one nobody listened, and nobody said so.
    if (opened || link !== 'live') announce('catch-up', { first: link === 'connecting' })
    link = 'live'
  } else if (link === 'live') {
    link = 'reconnecting'
    setTimeout(startPolling, POLL_AFTER_MS)
  }
  show()
}

function hear(changes) {
  if (changes.away !== undefined && changes.away !== databaseAway) {
    databaseAway = changes.away
    if (databaseAway) stale()
    else {
      announce('catch-up')
      // Nothing of such a page is brought anew, which would tell that it is true again.
      if (!document.querySelector('#live[hx-get], #session')) {
        staleSince = undefined
        show()
      }
    }
  }
  announce('changes', changes)
}

function startPolling() {
  if (link === 'live' || link === 'polling' || away) return
  link = 'polling'
  show()
  const poll = () => {
    if (link !== 'polling') return
    if (!document.hidden) fire('poll')
    setTimeout(poll, POLL_MS * (0.9 + Math.random() * 0.2))
  }
  poll()
}

/** A hidden tab asks for nothing; it catches up once, when it is looked at. */
function announce(name, detail) {
  if (document.hidden) missed = true
  else fire(name, detail)
}

function fire(name, detail) {
  document.body.dispatchEvent(new CustomEvent(`rollcall:${name}`, { detail }))
}

function catchUp() {
  if (document.hidden || !missed) return
  missed = false
  fire('catch-up')
}

/** Why there is no stream: when the session is over, the page leaves. */
async function askWhy() {
  try {
    const path = inPanel ? '/admin/live/seen' : location.href
    const answer = await fetch(path, { headers: { 'Rollcall-Background': '1' }, redirect: 'manual' })
    if (answer.type === 'opaqueredirect' || answer.status === 401) return tell({ ended: true })
  } catch {
    // The server is away: the stream says so too.
  }
  connect()
}

function leave() {
  if (away) return
  away = true
  source?.close()
  fire('leave')
  location.replace(signIn())
}

/** What is on the screen stays, and says since when nobody knows whether it is still so. */
function stale() {
  staleSince ??= new Date()
  show()
}

let again
let againMs = 2000
// What is asked for in the background, by htmx or by our own scripts, tells whether the screen is true.
document.body.addEventListener('rollcall:answered', ({ detail }) => {
  if (detail.status === 401) return leave()
  if (detail.status < 500) {
    againMs = 2000
    clearTimeout(again)
    if (databaseAway) return
    staleSince = undefined
    return show()
  }
  stale()
  clearTimeout(again)
  again = setTimeout(() => announce('catch-up'), againMs * (0.5 + Math.random()))
  againMs = Math.min(againMs * 2, LONGEST_RETRY_MS)
})
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  if (ctx?.request?.headers?.['Rollcall-Background'] && !ctx.request.signal?.aborted)
    fire('answered', { status: ctx.response?.status ?? 503 })
})

const TEXTS = { connecting: 'Connecting…', live: 'Live', reconnecting: 'Reconnecting…', polling: 'Polling' }

function show() {
  const state = staleSince ? 'stale' : link
  const text = staleSince ? `Stale since ${staleSince.toTimeString().slice(0, 5)}` : TEXTS[link]
  for (const element of document.querySelectorAll('[data-connection]')) {
    // That the page has become live is not said with each page; what follows is.
    if (state !== 'connecting')
      setTimeout(() => {
        element.ariaLive = 'polite'
      })
    if (element.dataset.state === state) continue
    element.dataset.state = state
    element.querySelector('.dot').dataset.tone = { live: 'green', connecting: '' }[state] ?? 'amber'
    const said = element.querySelector('[data-text]')
    if (said.textContent !== text) said.textContent = text
  }
}

// A request that finds the session gone leads out too.
document.addEventListener('htmx:response:error', (event) => {
  if (event.detail.ctx?.response?.status === 401) leave()
})
