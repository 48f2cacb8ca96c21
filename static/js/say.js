// What changes without a reload is said to screen readers: in the dialog that it is about, else by the page.
function say(text, dialog) {
  const region = dialog?.querySelector('[data-said]') ?? document.getElementById('spoken')
  if (region) region.textContent = text
}

globalThis.rollcall = { ...globalThis.rollcall, say }
