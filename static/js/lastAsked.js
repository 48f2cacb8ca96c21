// The drawer and the dialog show what was asked for last, not what is answered last, and stay closed once they are:
// what somebody presses there is meant for whom they opened.
const under = new Map()

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  const id = ctx.target?.id
  if (id !== 'drawer' && id !== 'dialog') return
  callOff(id)
  under.set(id, ctx.request)
})

/** What is on its way into this place does not come. */
function callOff(id) {
  under.get(id)?.abort()
}

globalThis.rollcall = { ...globalThis.rollcall, callOff }
