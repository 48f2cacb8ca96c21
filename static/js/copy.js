// A button with data-copy puts its text on the clipboard and says so for two seconds; data-copy-path the address of a page.
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy], [data-copy-path]')
  if (!button) return
  const { copy, copyPath } = button.dataset
  try {
    await navigator.clipboard.writeText(copy ?? new URL(copyPath, location.origin).href)
  } catch {
    // Where the page did not come by HTTPS there is none at all.
    return globalThis.rollcall.complain('The browser refused the clipboard. Select the text and copy it by hand.')
  }
  button.dataset.copied = ''
  globalThis.rollcall.say('Copied', button.closest('dialog'))
  setTimeout(() => delete button.dataset.copied, 2000)
})
