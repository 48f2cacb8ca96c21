// What htmx brought is taken away as htmx does it: what that listens to elsewhere would keep all of it for good.
function empty(place) {
  place.setAttribute('hx-ignore', '')
  htmx.process(place, true)
  place.removeAttribute('hx-ignore')
  place.replaceChildren()
}

globalThis.rollcall = { ...globalThis.rollcall, empty }
