// A receipt that the server refuses to give is not asked for for ever: what was known stays, with why there is no more.
const LATER = [401, 408, 429]

document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  const { status } = ctx.response ?? {}
  const receipt = ctx.sourceElement?.closest('.receipt[hx-get], .receipt-lines[hx-get]')
  if (!receipt?.isConnected || !(status >= 400 && status < 500) || LATER.includes(status)) return
  // The timer goes with the element that it asks for.
  const last = receipt.cloneNode(true)
  for (const { name } of [...last.attributes]) if (name.startsWith('hx-')) last.removeAttribute(name)
  const why = document.createElement('p')
  why.className = 'secondary wrap'
  // An answer with this header is words alone.
  const said = ctx.hx?.reswap ? ctx.text : `The server answered ${status}.`
  why.textContent = `This receipt is not brought up to date any more. ${said}`
  last.append(why)
  receipt.replaceWith(last)
  globalThis.rollcall.say(why.textContent)
})
