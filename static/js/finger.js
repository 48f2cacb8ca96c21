// A finger does not hover: what it is on stays where it is from the first touch until what it meant has been done.
// The click comes up to 0.3 s after the finger has gone.
const STAYS_MS = 1000
let touched
let until = 0

for (const event of ['touchstart', 'touchend', 'touchcancel']) {
  document.addEventListener(event, note, { capture: true, passive: true })
}

function note({ type, target, touches }) {
  if (type === 'touchstart') [touched, until] = [target, Number.POSITIVE_INFINITY]
  else if (touches.length === 0) until = performance.now() + STAYS_MS
}

/** What was touched and is gone meanwhile tells nobody that the finger has left it. */
const isTouched = (place) => performance.now() < until && Boolean(place?.contains(touched))

globalThis.rollcall = { ...globalThis.rollcall, isTouched }
