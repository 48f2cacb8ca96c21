// A click anywhere on a row opens what its link opens, unless text is being selected or a control was meant.
document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-row]')
  if (!row || event.target.closest('a, button, input, label, summary, details')) return
  if (getSelection().toString()) return
  const link = row.querySelector('[data-row-link]')
  if (event.ctrlKey || event.metaKey) open(link.href, '_blank', 'noopener')
  else link?.click()
})
