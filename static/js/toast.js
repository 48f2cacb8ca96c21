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

// What the server refused or could not do is said, in its words, without inserting any of its markup.
for (const failed of ['htmx:response:error', 'htmx:error']) {
  document.addEventListener(failed, ({ detail: { ctx } }) => {
    const status = ctx?.response?.status
    if (ctx?.request?.headers?.['Rollcall-Background'] || status === 401 || status === 422) return
    // An answer with this header is words alone: what a proxy may say in the server's stead is not for people.
    const text = ctx?.hx?.reswap ? ctx.text : 'It did not work. Try again in a moment.'
    complain(text)
  })
}

function complain(text) {
  // A toast would lie below the dialog that is open, where nobody can reach it.
  const within = document.querySelector('dialog[open] [data-problem]')
  if (within) {
    within.textContent = `${within.dataset.problem} ${text}`.trim()
    return
  }
  const problems = document.getElementById('problems')
  // Said anew, and not one below the other.
  for (const said of problems.querySelectorAll('[data-text]')) {
    if (said.textContent === text) said.closest('.toast').remove()
  }
  const toast = document.getElementById('toast-error').content.firstElementChild.cloneNode(true)
  toast.querySelector('[data-text]').textContent = text
  problems.append(toast)
}

globalThis.rollcall = { ...globalThis.rollcall, complain }
