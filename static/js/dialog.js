// A link with hx-target="#dialog" brings a page's form into the one <dialog>; without script it is that page.
let opener

document.addEventListener('htmx:after:swap', (event) => {
  const dialog = document.getElementById('dialog')
  const { target, sourceElement } = event.detail.ctx ?? {}
  // A form that is wrong comes anew in its own place, which may be the page of its own.
  const isForm = target?.matches?.('.dialog-content')
  if (!dialog || !(target === dialog || isForm)) return
  if (!isForm) open(dialog, sourceElement)
  else if (dialog.open && !dialog.childElementCount) dialog.close()
  focusFirst(dialog.open ? dialog : document.querySelector('.dialog-page'))
})

function open(dialog, by) {
  if (!dialog.childElementCount) return dialog.close()
  if (dialog.open) return
  // The menu that it was chosen in has closed by now, and takes the focus in its stead.
  opener = by?.closest('details.menu')?.querySelector('summary') ?? by
  dialog.showModal()
}

// A page may come with what is wrong in it.
document.querySelector('[aria-invalid="true"]')?.focus()

/** In this order, not in that of the page: what is wrong comes first. */
function focusFirst(form) {
  const first = ['[aria-invalid="true"]', '[autofocus]', 'input:not([type="hidden"]), button']
  first
    .map((which) => form?.querySelector(which))
    .find(Boolean)
    ?.focus()
}

document.addEventListener('click', (event) => {
  const closer = event.target.closest('[data-close]')
  const dialog = closer?.closest('dialog')
  if (!dialog) return
  event.preventDefault()
  dialog.close()
})

// Close events do not bubble: they are caught on the way down. What a dialog was brought goes with it, and the focus
// to where it was opened from, which the browser knows no more where that was drawn anew meanwhile.
document.addEventListener(
  'close',
  (event) => {
    if (event.target.id !== 'dialog') return
    globalThis.rollcall.callOff('dialog')
    globalThis.rollcall.empty(event.target)
    globalThis.rollcall.focusAgain(opener)
  },
  true,
)

// Passwords can be looked at.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-reveal]')
  const input = button && document.getElementById(button.dataset.reveal)
  if (!input) return
  const shown = input.type === 'text'
  input.type = shown ? 'password' : 'text'
  button.setAttribute('aria-pressed', String(!shown))
})
