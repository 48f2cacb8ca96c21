// The focus is not lost: when what has it goes, it goes to what stands for it, at last to the content of the page.
const isLost = () => !document.activeElement || document.activeElement === document.body

/** Tried in this order, where nothing has the focus. */
function focusAgain(...places) {
  for (const place of [...places, document.getElementById('main')]) {
    if (!isLost()) return
    if (place?.isConnected) place.focus({ preventScroll: true })
  }
}

let instead = []
document.addEventListener('htmx:before:swap', () => {
  // In the sheet a button is disabled while its answer is under way, and loses the focus by that alone.
  if (!isLost()) instead = placesBeside(document.activeElement)
})
document.addEventListener('htmx:after:swap', () => {
  if (instead.length && !document.querySelector('dialog[open]')) focusAgain(...instead.map((find) => find()))
  instead = []
})

/** Looked for when the time has come: what is swapped may stand there anew. */
function placesBeside(element) {
  const linkOf = (row) => row?.querySelector('[data-row-link]')
  const row = element.closest('[data-row]')
  const [next, previous] = [row?.nextElementSibling, row?.previousElementSibling]
  const sheet = element.closest('#session')
  return [
    () => element,
    () => element.id && document.getElementById(element.id),
    () => row && linkOf(document.getElementById(row.id)),
    () => linkOf(next),
    () => linkOf(previous),
    () => sheet && document.getElementById('session-title'),
  ]
}

globalThis.rollcall = { ...globalThis.rollcall, focusAgain }
