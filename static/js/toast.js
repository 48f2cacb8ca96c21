// Toasts go by themselves, unless they are being read, or have not said all yet: the server gives a receipt up after 65 s.
const LIFE_MS = 8000
/** One that offers a way back: there is something to decide. */
const LIFE_WITH_UNDO_MS = 30_000
const LONGEST_RECEIPT_MS = 67_000
const watched = new WeakSet()

for (const toast of document.querySelectorAll('.toast')) {
  watch(toast)
  // Screen readers say what changes, not what a page came with: it is put in once more.
  setTimeout(() => toast.isConnected && !toast.matches(':focus-within') && putInAgain(toast), 500)
}
const area = document.querySelector('.toasts')
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes]))
    if (node.matches?.('.toast') && !watched.has(node)) watch(node)
}).observe(area, { childList: true, subtree: true })

function putInAgain(toast) {
  toast.dataset.again = ''
  toast.parentElement.append(toast)
}

function watch(toast) {
  watched.add(toast)
  const life = toast.querySelector('.toast-undo') ? LIFE_WITH_UNDO_MS : LIFE_MS
  const until = performance.now() + LONGEST_RECEIPT_MS
  const stays = () =>
    toast.matches(':hover, :focus-within') || (toast.querySelector('.receipt[hx-get]') && performance.now() < until)
  const later = () => setTimeout(() => (stays() ? later() : toast.remove()), life)
  later()
}

// A receipt that is not complete comes anew each second: it is said when it stands otherwise than before.
const stood = new Map()
noteReceipts()
document.addEventListener('htmx:after:swap', noteReceipts)

function noteReceipts() {
  for (const receipt of area.querySelectorAll('.receipt')) {
    const { state } = receipt.dataset
    const changed = stood.has(receipt.id) && stood.get(receipt.id) !== state
    const parts = receipt.querySelectorAll(':scope > p:not(.receipt-foot), .receipt-late > p')
    if (changed && receipt.ariaLive === 'off') globalThis.rollcall.say([...parts].map((p) => p.textContent).join(' '))
    stood.set(receipt.id, state)
  }
}

let from
area.addEventListener('focusin', ({ relatedTarget, currentTarget }) => {
  if (!currentTarget.contains(relatedTarget)) from = relatedTarget
})
document.addEventListener('click', (event) => {
  const toast = event.target.closest('[data-dismiss]')?.closest('.toast')
  if (!toast) return
  toast.remove()
  globalThis.rollcall.focusAgain(from)
})

// What the server refused or could not do is said, in words, without inserting any of its markup.
document.addEventListener('htmx:response:error', (event) => {
  const { status, background } = { status: event.detail.ctx?.response?.status, background: isBackground(event) }
  if (background || status === 401 || status === 422) return
  const text =
    {
      403: 'Your role does not allow this.',
      404: 'It is not there any more.',
      429: 'Too many requests. Try again in a moment.',
    }[status] ?? 'It did not work. Try again in a moment.'
  // A toast would lie below the dialog that is open, where nobody can reach it.
  const within = document.querySelector('dialog[open] [data-problem]')
  if (within) within.textContent = text
  else complain(text)
})

function complain(text) {
  const toast = document.getElementById('toast-error').content.firstElementChild.cloneNode(true)
  toast.querySelector('[data-text]').textContent = text
  document.getElementById('problems').append(toast)
}

function isBackground(event) {
  return Boolean(event.detail.ctx?.request?.headers?.['Rollcall-Background'])
}
