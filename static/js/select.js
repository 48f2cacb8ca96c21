// Selecting rows: shift-click takes the rows between, the head's box takes the page, the bar says how many.
const boxes = () => [...document.querySelectorAll('.row-select')]
let last
let said = 0

document.addEventListener('click', (event) => {
  if (event.target.matches?.('.select-all')) {
    for (const box of boxes()) box.checked = event.target.checked
    count()
  } else if (event.target.matches?.('.row-select')) {
    const all = boxes()
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b)
    if (event.shiftKey && from >= 0) for (const box of all.slice(from, to + 1)) box.checked = event.target.checked
    last = event.target
    count()
  } else if (event.target.closest?.('[data-clear-selection]')) {
    event.preventDefault()
    for (const box of boxes()) box.checked = false
    count()
    last?.focus()
  }
})
document.addEventListener('htmx:after:swap', count)
addEventListener('pageshow', count)

function count() {
  const all = boxes()
  const ticked = all.filter((box) => box.checked)
  const chosen = ticked.length
  for (const box of all) box.closest('[data-row]')?.toggleAttribute('data-chosen', box.checked)
  document.getElementById('bulk')?.toggleAttribute('data-chosen', chosen > 0)
  const head = document.querySelector('.select-all')
  if (head) {
    head.checked = chosen > 0 && chosen === all.length
    head.indeterminate = chosen > 0 && chosen < all.length
  }
  for (const element of document.querySelectorAll('[data-selected]')) element.textContent = `${chosen} selected`
  if (chosen !== said) globalThis.rollcall.say(`${chosen} selected`)
  said = chosen
  for (const element of document.querySelectorAll('[data-selected-act]')) {
    const { selectedAct, of } = element.dataset
    const n = of === 'account' ? new Set(ticked.map(accountOf)).size : chosen
    element.textContent = `${selectedAct} ${n} ${of}${n === 1 ? '' : 's'}`
  }
}

/** Several sessions may be one person's; in the list of accounts each box is an account. */
const accountOf = (box) => box.closest('[data-row]')?.querySelector('.row-menu')?.dataset.account ?? box.value
