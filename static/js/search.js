// A search that got no answer stands: it is in the address, and what the list is brought anew by from now on. What is
// listed until then is not its answer: nothing in it can be chosen.
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  const { request, response, sourceElement } = ctx
  if (!sourceElement?.matches('.search') || response?.status < 500) return
  // What is typed meanwhile replaces it.
  if (request.signal.aborted && request.signal.reason !== 'timeout') return
  const list = document.getElementById('live')
  list.setAttribute('hx-get', request.action)
  history.replaceState({ htmx: true }, '', request.action)
  for (const part of list.querySelectorAll('.toolbar ~ *')) part.inert = true
  list.querySelector('.toolbar-count').textContent = 'No answer yet'
  document.body.dispatchEvent(new CustomEvent('rollcall:answered', { detail: { status: 503 } }))
})

// The list that was asked for before the search may come after it: it is another's, and would come again and again.
document.addEventListener('htmx:before:swap', (event) => {
  const { request, sourceElement } = event.detail.ctx
  if (sourceElement?.id !== 'live') return
  if (request.action !== sourceElement.getAttribute('hx-get')) event.preventDefault()
})

// htmx forgets what waits to be sent when an answer changes the list that the box stands in.
let unsent = false
document.addEventListener('input', ({ target }) => {
  unsent ||= target.matches('form.search [data-search]')
})
document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.matches('.search')) unsent = false
})
document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  if (!unsent || ctx.target?.id !== 'live') return
  document.querySelector('form.search [data-search]')?.dispatchEvent(new Event('input', { bubbles: true }))
})

// The box keeps the focus: what came of the search is said.
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  if (unsent || !ctx.sourceElement?.matches('.search') || !(ctx.response?.status < 300)) return
  const list = document.getElementById('live')
  const found = list.querySelector('.empty h2') ?? list.querySelector('.toolbar-count')
  if (found) globalThis.rollcall.say(found.textContent.trim())
})
