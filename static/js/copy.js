// A button with data-copy puts its text on the clipboard and says so for two seconds.
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
  button.dataset.copied = ''
  say('Copied')
  setTimeout(() => delete button.dataset.copied, 2000)
})

function say(text) {
  const region = document.getElementById('spoken')
  if (region) region.textContent = text
}
