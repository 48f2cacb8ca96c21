// What was typed when the own session ended is kept in this tab, and put back once where the same account meets the form
// again, on its page or in the dialog. Nothing secret: no password, though it be looked at, and no typed confirmation.
const KEPT = 'rollcall:unsaved'
const TOLD_AFTER_MS = 500
const FIELDS =
  ':is(textarea, [type="text"], [type="url"], [type="email"], [type="datetime-local"], [type="radio"]):not([autocomplete$="password"], [data-typed])'
const whose = document.querySelector('meta[name="rollcall-stream"]')?.dataset.account
const fieldsOf = (form) => [...form.querySelectorAll(FIELDS)]
const isChosen = (field) => field.type === 'radio'
const isChanged = (field) =>
  isChosen(field) ? field.checked && !field.defaultChecked : field.value !== field.defaultValue

let telling

document.body.addEventListener('rollcall:leave', () => {
  // What is kept now is for the next page to tell of: nobody sees this one any more.
  clearTimeout(telling)
  const forms = {}
  for (const form of document.querySelectorAll('form[method="post"]')) {
    const changed = fieldsOf(form).filter(isChanged)
    if (changed.every(isChosen)) continue
    forms[form.getAttribute('action')] = changed.map(({ name, value }) => [name, value])
  }
  keep({ whose, forms })
})

if (whose) {
  putBack()
  document.addEventListener('htmx:after:swap', putBack)
  // Screen readers say what comes to a page, not what it came with.
  telling = setTimeout(tellOfTheRest, TOLD_AFTER_MS)
}

/** No dialog opens by itself: that what was typed in it is not lost is said, once. */
function tellOfTheRest() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT))
  if (!kept || kept.told) return
  document.getElementById('toasts').append(document.getElementById('toast-kept').content.cloneNode(true))
  keep({ ...kept, told: true })
}

function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT))
  if (!kept) return
  if (kept.whose !== whose) return sessionStorage.removeItem(KEPT)
  for (const form of document.querySelectorAll('form[method="post"]')) {
    const action = form.getAttribute('action')
    for (const [name, value] of kept.forms[action] ?? []) {
      for (const field of fieldsOf(form).filter((one) => one.name === name)) {
        if (!isChosen(field)) field.value = value
        else if (field.value === value) field.checked = true
      }
    }
    delete kept.forms[action]
  }
  keep(kept)
}

function keep(kept) {
  if (Object.keys(kept.forms).length > 0) sessionStorage.setItem(KEPT, JSON.stringify(kept))
  else sessionStorage.removeItem(KEPT)
}
