// Whole regions are brought anew: the page's own, and the session that is open. The numbers come with the stream.
const WHOLE = 10
const FIRST_MS = 3000
const fire = (name) => document.body.dispatchEvent(new CustomEvent(`rollcall:${name}`))
const live = () => document.getElementById('live')
const session = () => document.getElementById('session')
const bringRegion = globalThis.rollcall.gate(() => fire(live()?.dataset.on ?? 'sessions'), WHOLE)
const bringSession = globalThis.rollcall.gate(() => fire('session'), WHOLE)

document.body.addEventListener('rollcall:changes', ({ detail }) => {
  showNumbers(detail)
  if (concernsRegion(detail)) bringRegion()
  if (concernsSession(detail)) bringSession()
})
for (const event of ['catch-up', 'poll', 'tick']) {
  document.body.addEventListener(`rollcall:${event}`, ({ detail }) => {
    // The page has just come: what it may have missed by then can wait until it has been drawn and can be used.
    if (detail?.first) setTimeout(bringAll, FIRST_MS)
    else bringAll()
  })
}
// It is known now who refuses what was ended: rows and the session say it too.
document.body.addEventListener('rollcall:receipt', () => {
  if (!showsRows()) fire('sessions')
  else if (session()) fire('session')
})

function bringAll() {
  if (!showsRows()) bringRegion()
  if (session()) bringSession()
}

/** Lists of live sessions look after their rows themselves (screen.js), unless another is waited for (search.js). */
function showsRows() {
  return Boolean(document.querySelector('#live .bulk:not([inert]) .sessions-table:not([data-list="ended"])'))
}

function concernsRegion({ started, ended, accounts, touched, audit, others }) {
  const region = live()
  if (!region?.hasAttribute('hx-get')) return false
  if (showsRows()) return false
  if (region.dataset.on === 'audit') return audit
  if (others) return true
  const of = region.dataset.of
  if (of) return touched || accounts === null || Boolean(accounts?.includes(of.slice(-12)))
  return Boolean(started || ended || touched)
}

function concernsSession({ sessions, accounts, touched, others }) {
  const sheet = session()?.dataset
  if (!sheet) return false
  if (touched || others || sessions === null || accounts === null) return true
  // Of the account: its other sessions stand below.
  return Boolean(sessions?.includes(sheet.session.slice(-12)) || accounts?.includes(sheet.account.slice(-12)))
}

/** As the server says it: "48,213", "482k", "10.2M". Its own comma: the browser's tables of languages cost it 10 ms. */
function shortText(n) {
  if (n < 100_000) return String(n).replace(/\B(?=\d{3}$)/, ',')
  return n < 1_000_000 ? `${Math.round(n / 1000)}k` : `${(n / 1_000_000).toFixed(n < 100_000_000 ? 1 : 0)}M`
}

function showNumbers({ live, online, endedInDay }) {
  for (const [name, value] of Object.entries({ live, online, ended: endedInDay })) {
    if (value === undefined) continue
    for (const element of document.querySelectorAll(`[data-figure="${name}"]`)) {
      element.textContent = shortText(value)
    }
  }
}
