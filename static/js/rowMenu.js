// A row's menu is filled when it is opened: fifty of them would be half of the page. What there is to offer is in one
// <template>, and the row says what of that it offers, and of whom it is.
document.addEventListener('click', ({ target }) => {
  const menu = target.closest?.('.row-menu > summary')?.parentElement
  if (!menu || menu.open) return
  menu.querySelector('.menu-panel')?.remove()
  htmx.process(fill(menu))
})

// Its row may be brought anew while it is open: then it offers what there is to do now, and the focus stays in it.
htmx.registerExtension('row-menu', {
  htmx_before_morph_node: (_, { oldNode, newNode }) => {
    if (oldNode.matches?.('.row-menu[open]') && newNode.matches('.row-menu')) fill(newNode)
  },
})

/** By attributes alone: nothing of a row becomes markup. */
function fill(menu) {
  const panel = document.getElementById('row-menu').content.firstElementChild.cloneNode(true)
  const { account, address, offers } = menu.dataset
  const meant = { ':session': menu.closest('tr').id.slice(2), ':account': account, ':address': address }
  for (const item of panel.querySelectorAll('[data-needs]'))
    if (!offers.split(' ').includes(item.dataset.needs)) item.remove()
  for (const { attributes } of panel.children)
    for (const attribute of attributes)
      attribute.value = attribute.value.replace(/:(session|account|address)\b/g, (name) => meant[name])
  menu.append(panel)
  return panel
}
