// The list of live sessions: what ended is struck through at once, its times move, new rows slide in at its head. Many
// new ones, or any while somebody works in the list, wait behind "37 new, show". Little is asked for, and only by need.
const FEW = 5
const FULL = 50
const MOST_SHOWN = 2 * FULL
const MOST_ASKED = 60
const MOST_SAID = 99
const LEAVES_AFTER_MS = 6000
const TICKS = 5
const table = () => document.querySelector('#live .bulk:not([inert]) .sessions-table:not([data-list="ended"])')
const rows = () => [...(table()?.querySelectorAll('[data-row]') ?? [])]
const idOf = (row) => row.id.slice(2)

const ended = new Set()
let look = false
let count = false
let fresh = 0
// Up to which session `fresh` was counted; undefined where the stream told of them.
let counted
let waiting = 0
let crowded = false
let busy = false
// How often the whole list was drawn: what was asked for before is not about the one that is here now.
let drawn = 0
const ask = globalThis.rollcall.gate(askNow)

document.body.addEventListener('rollcall:changes', ({ detail }) => {
  const list = table()
  if (!list) return
  for (const row of rows()) {
    if (row.dataset.state === 'live' && detail.sessions?.includes(row.id.slice(-12))) strike(row, list)
  }
  look ||= detail.touched || detail.others || detail.sessions === null
  if (detail.started && list.dataset.from) {
    if (isFiltered()) count = true
    else [fresh, counted] = [fresh + detail.started, undefined]
  }
  if (look || count || fresh || ended.size) ask()
})
document.body.addEventListener('rollcall:catch-up', ({ detail }) => (detail?.first ? askAll() : renew()))
document.body.addEventListener('rollcall:poll', askAll)
let ticks = 0
document.body.addEventListener('rollcall:tick', () => {
  ticks += 1
  if (ticks % TICKS === 0) renew()
  else askAll()
})
document.body.addEventListener('rollcall:receipt', () => {
  for (const row of document.querySelectorAll('[data-leaving]')) ended.add(idOf(row))
  if (table() && ended.size > 0) void askNow()
})
document.addEventListener('scroll', () => table() && document.scrollingElement.scrollTop > 0 && askAll(), {
  passive: true,
})

function askAll() {
  const list = table()
  if (!list) return
  look = true
  count = Boolean(list.dataset.from)
  ask()
}

/** The whole list, with its numbers and filters, where that is in nobody's way. */
function renew() {
  if (maySlide(0)) bringAllSoon()
  else askAll()
}
// The server found more than slide in, some of them from before the list was made: how many are new is counted.
document.body.addEventListener('rollcall:many', () => {
  crowded = true
  count = true
  ask()
})

/** @returns how many requests it took; undefined while the one before is under way */
async function askNow() {
  if (busy) return void ask()
  busy = true
  let made = 0
  try {
    // Those that must wait are counted as far as the number is said: what the stream tells of may be known already.
    if (fresh > 0 && !counted && waiting + fresh <= MOST_SAID && !maySlide(fresh)) [count, fresh] = [true, 0]
    if (look || count) {
      made += 1
      await lookAgain()
    }
    if (fresh > 0 && !maySlide(fresh)) letWait(fresh)
    if (fresh > 0 || ended.size > 0) {
      made += 1
      await bringRows()
    }
  } finally {
    busy = false
  }
  return made
}

/** The times of what is on the screen, what of it has ended, how many are newer. */
async function lookAgain() {
  const list = table()
  if (!list) return
  const query = filter()
  query.set('rows', onScreen().map(idOf).join())
  if (count) query.set('from', list.dataset.from)
  ;[look, count] = [false, false]
  const of = drawn
  const answer = await fetch(`/admin/live/seen?${query}`, { headers: { 'Rollcall-Background': '1' } }).catch(() => null)
  document.body.dispatchEvent(
    new CustomEvent('rollcall:answered', { detail: { status: answer?.redirected ? 401 : (answer?.status ?? 503) } }),
  )
  if (!answer?.ok || answer.redirected) return
  const { rows: moved, ended: over, newer } = await answer.json()
  for (const [id, signedIn, lastSeen] of moved) {
    const row = document.getElementById(`s-${id}`)
    if (row?.dataset.state !== 'live') continue
    showTime(row.querySelector('.s-signed-in time'), signedIn)
    const seen = row.querySelector('.s-seen time')
    if (!seen) continue
    const [text, at, title, paper] = lastSeen
    showTime(seen, text)
    Object.assign(seen, { dateTime: at, title })
    seen.dataset.paper = paper
  }
  for (const id of over) {
    const row = document.getElementById(`s-${id}`)
    if (row?.dataset.state === 'live') strike(row, list)
  }
  if (of !== drawn || !newer) return
  // What the stream told of meanwhile may be among them.
  if (fresh > 0) askAll()
  ;[fresh, counted] = [newer.count, newer.newest]
  if (fresh === 0) countFrom(counted)
}

/** Those up to there are shown, or wait. */
function countFrom(id) {
  const list = table()
  if (id && list?.dataset.from < id) list.dataset.from = id
  counted = undefined
}

function showTime(time, text) {
  if (time && time.textContent !== text) time.textContent = text
}

/** Rows that ended come as they now are; new ones come at the head. */
async function bringRows() {
  const query = filter()
  const gone = [...ended].slice(0, MOST_ASKED)
  if (gone.length) query.set('rows', gone.join())
  const known = rows().map(idOf)
  if (fresh > 0 && known[0]) {
    query.set('from', known[0])
    query.set('known', known.slice(0, MOST_ASKED).join())
  }
  ;[fresh, counted] = [0, undefined]
  bringsFor = drawn
  let came = false
  const note = ({ detail: { ctx } }) => {
    if (ctx?.request?.action?.startsWith('/admin/live/rows')) came = ctx.response?.status === 200
  }
  document.addEventListener('htmx:finally:request', note)
  await htmx.ajax('GET', `/admin/live/rows?${query}`, { swap: 'none', headers: { 'Rollcall-Background': '1' } })
  document.removeEventListener('htmx:finally:request', note)
  // Nobody has said whether they have ended: asked again when the database answers.
  if (!came) return
  countFrom(rows().map(idOf)[0])
  for (const id of gone) {
    ended.delete(id)
    // What the server does not confirm has not ended.
    const row = document.getElementById(`s-${id}`)
    if (row?.hasAttribute('data-struck')) unstrike(row)
  }
}

function strike(row, list) {
  ended.add(idOf(row))
  row.dataset.struck = ''
  row.dataset.state = 'ended'
  if (list.dataset.list === 'live') row.dataset.leaving = ''
}

function unstrike(row) {
  delete row.dataset.struck
  delete row.dataset.leaving
  row.dataset.state = 'live'
}

function filter() {
  const query = new URL(document.getElementById('live').getAttribute('hx-get'), location.href).searchParams
  for (const name of ['sort', 'after', 'before']) query.delete(name)
  return query
}

const isFiltered = () => [...filter().keys()].length > 0

function onScreen() {
  return rows()
    .filter((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return bottom > 0 && top < innerHeight
    })
    .slice(0, MOST_ASKED)
}

/** Nothing moves under somebody's hands. */
function maySlide(n) {
  const list = table()
  if (!list || waiting > 0 || crowded || n > FEW || rows().length + n > MOST_SHOWN) return false
  return list.getBoundingClientRect().top >= 0 && !isWorkedIn()
}

/** A row that moves under the pointer is clicked in another's stead, and signing out asks nothing. */
function isWorkedIn() {
  if (document.querySelector('dialog[open]') || globalThis.rollcall.isTouched(table())) return true
  // What was touched last counts as hovered until something else is.
  const pointedAt = matchMedia('(hover: hover)').matches ? ', tbody:hover' : ''
  return Boolean(table()?.querySelector(`.row-select:checked, details[open], tbody :focus${pointedAt}`))
}

function letWait(n) {
  waiting += n
  fresh = 0
  countFrom(counted)
  const box = document.querySelector('[data-new]')
  if (!box) return
  if (box.hidden) globalThis.rollcall.say('New sessions wait above the list')
  box.hidden = false
  box.querySelector('[data-text]').textContent = `${waiting > MOST_SAID ? `${MOST_SAID}+` : waiting} new, show`
}

document.addEventListener('click', (event) => {
  if (!event.target.closest?.('[data-show-new]')) return
  scrollTo({ top: 0 })
  document.addEventListener('htmx:after:swap', () => table()?.querySelector('[data-row-link]')?.focus(), { once: true })
  bringAll()
})

function bringAll() {
  document.body.dispatchEvent(new CustomEvent('rollcall:sessions'))
}
let unasked = false
let bringsFor
const bringAllSoon = globalThis.rollcall.gate(() => {
  if (isWorkedIn()) return void setTimeout(bringAllSoon, 1000)
  unasked = true
  bringAll()
}, 10)

// Between the question and its answer somebody may have begun to work in the list: what would move it is left out then.
document.addEventListener('htmx:before:swap', (event) => {
  const { ctx, tasks } = event.detail
  if (ctx.sourceElement?.id === 'live') {
    if (unasked && isWorkedIn()) {
      event.preventDefault()
      bringAllSoon()
    }
    unasked = false
  }
  const slides = tasks.findIndex(({ swapSpec }) => swapSpec.style === 'afterbegin')
  if (slides < 0 || (bringsFor === drawn && maySlide(tasks[slides].fragment.childElementCount))) return
  tasks.splice(slides, 1)
  count = true
  ask()
})

// Rows that have come since the page was made are tinted; those that ended leave after six seconds.
let known = new Set(rows().map(idOf))
document.addEventListener('htmx:before:swap', () => {
  known = new Set(rows().map(idOf))
})
document.addEventListener('htmx:after:swap', (event) => {
  for (const row of rows()) if (known.size > 0 && !known.has(idOf(row))) row.classList.add('is-new')
  // The whole list is here, or that of another search: nothing waits any more.
  if (event.detail.ctx?.target?.id === 'live') {
    drawn += 1
    ;[waiting, fresh, counted, count, crowded] = [0, 0, undefined, false, false]
  }
  letLeave()
})
// A page may be opened within those seconds: then no swap comes that would start them.
const timers = new WeakMap()
letLeave()

/** Counted anew when the row says something new, such as who refuses it now. */
function letLeave() {
  const leaving = '[data-list="live"] [data-leaving]:not([data-struck], [data-counted])'
  for (const row of document.querySelectorAll(leaving)) {
    row.dataset.counted = ''
    clearTimeout(timers.get(row))
    timers.set(
      row,
      setTimeout(() => goes(row), LEAVES_AFTER_MS),
    )
  }
}

function goes(row) {
  if (!row.isConnected || !row.hasAttribute('data-leaving')) return
  if (isWorkedIn()) return setTimeout(() => goes(row), 1000)
  row.remove()
  // There is a page behind it, or nothing to see at all: either wants the whole list.
  const left = rows().length
  if (left === 0 || (left < FULL / 2 && document.querySelector('#live .pager [rel="next"]'))) bringAllSoon()
}
