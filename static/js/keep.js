// What the person has opened stays open when a region is refreshed: the server does not know of it.
htmx.registerExtension('rollcall', {
  htmx_before_morph_attr: (element, { attrName, newValue }) => {
    if (newValue !== null) return
    if (attrName === 'open' && element.matches('details, dialog')) return false
    if ((attrName === 'aria-current' || attrName === 'class') && element.matches('[data-row]')) return false
  },
})
