// What htmx does with a row's link and its button stands once, in a <template>, and is given to them when they are first
// pressed: before a page can be used, htmx would read it of each of its fifty rows. A row that is brought anew comes
// without it again.
for (const press of ['mousedown', 'touchstart', 'click']) {
  document.addEventListener(press, wire, { capture: true, passive: true })
}

function wire({ target }) {
  const element = target.closest?.('[data-row-link], .quick button')
  const [, session] = /^s-([0-9a-f-]{36})$/.exec(element?.closest('tr')?.id ?? '') ?? []
  if (!session || element.hasAttribute('hx-nonce')) return
  const model = document.getElementById('row-wires')?.content.querySelector(element.localName)
  if (!model) return
  for (const { name, value } of model.attributes) element.setAttribute(name, value.replace(':session', session))
  htmx.process(element)
}
