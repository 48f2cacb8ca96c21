// All open pages together ask a node for so much a second: the stream says how long one of them waits between two
// requests: who made two at once waits twice as long. Who waited long enough asks at once, but not at the same moment as
// all the others.
const LEAST_MS = 2000
let paceMs = 25

document.body.addEventListener('rollcall:changes', ({ detail }) => {
  paceMs = detail?.paceMs ?? paceMs
})

/**
 * Runs `act` when it is wanted, and not more often than is good for the node; while the page is hidden, not at all.
 *
 * @param act may resolve with how many small requests it made
 * @param cost in small requests, where `act` does not say
 */
function gate(act, cost = 1) {
  let timer
  let spent = cost
  let last = Number.NEGATIVE_INFINITY
  let owed = false
  function run() {
    timer = undefined
    owed = document.hidden
    if (owed) return
    last = performance.now()
    void Promise.resolve(act()).then((made) => {
      spent = made ?? cost
    })
  }
  document.addEventListener('visibilitychange', () => owed && !document.hidden && run())
  return () => {
    const wait = last + Math.max(LEAST_MS, paceMs * spent) - performance.now()
    if (timer) return
    timer = setTimeout(run, Math.max(0, wait) + Math.random() * paceMs)
  }
}

globalThis.rollcall = { ...globalThis.rollcall, gate }
