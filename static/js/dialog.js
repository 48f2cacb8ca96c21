let opener

// A link with hx-target="#dialog" brings a page's form into the one <dialog>; without script it is that page.
document.addEventListener('htmx:after:swap', (event) => {
  const dialog = document.getElementById('dialog')
  if (!dialog || event.detail.ctx?.target !== dialog) return
  if (!dialog.childElementCount) return dialog.close()
  if (!dialog.open) {
    // The menu that it was chosen in has closed by now, and takes the focus in its stead.
    const from = event.detail.ctx.sourceElement
    opener = from?.closest('details.menu')?.querySelector('summary') ?? from
    dialog.showModal()
  }
  // In this order, not in that of the page: what is wrong comes first.
  const first = ['[aria-invalid="true"]', '[autofocus]', 'input:not([type="hidden"]), button']
  first
    .map((which) => dialog.querySelector(which))
    .find(Boolean)
    ?.focus()
})

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
    event.target.replaceChildren()
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
