// The command palette: the server finds and draws, here are its keys, what was chosen before, and what is said.
const palette = document.getElementById('palette')
const MOST_RECENT = 5
/** Lines that lead nowhere: what is pressed in their stead. */
const ACTS = { '#theme': '[data-theme-form] button', '#keys': '[data-keys-help]' }

if (palette) {
  const input = palette.querySelector('input')
  const options = () => [...palette.querySelectorAll('[role="option"]')]
  const chosen = () => options().find((option) => option.getAttribute('aria-selected') === 'true')
  // Enter before the answer to what was typed is there opens what comes first in it.
  let opensFirst = false

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of document.querySelectorAll('[data-palette-key]')) key.textContent = '⌘ K'
  }

  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || event.shiftKey || event.altKey || event.ctrlKey === event.metaKey) return
    if (palette.open) palette.close()
    else if (document.querySelector('dialog[open]')) return
    else openPalette()
    event.preventDefault()
  })

  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-palette]')
    if (opener && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      openPalette()
    }
    if (event.target === palette) palette.close()
    const option = event.target.closest('[role="option"]')
    if (!option || !palette.contains(option)) return
    const act = ACTS[option.getAttribute('href')]
    if (!act) return remember(option)
    event.preventDefault()
    palette.close()
    document.querySelector(act).click()
  })

  palette.addEventListener('keydown', (event) => {
    if (event.target !== input || event.isComposing) return
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by) move(by)
    else if (event.key === 'Enter') enter(event.ctrlKey || event.metaKey)
    else return
    event.preventDefault()
  })

  input.addEventListener('input', () => {
    opensFirst = false
  })
  palette.addEventListener('pointermove', ({ target }) => {
    const option = target.closest('[role="option"]')
    if (option && option !== chosen()) choose(option)
  })
  palette.addEventListener('close', () => {
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  })
  document.addEventListener('htmx:after:swap', ({ detail }) => {
    if (detail.ctx?.target?.id === 'palette-answer' && detail.ctx.response.raw.ok) show()
  })

  function openPalette() {
    input.value = ''
    opensFirst = false
    palette.showModal()
    input.focus()
    input.form.dispatchEvent(new CustomEvent('rollcall:palette'))
  }

  function show() {
    palette.querySelector('[data-problem]').textContent = ''
    if (!input.value.trim()) addRecent()
    const all = options()
    input.setAttribute('aria-expanded', String(all.length > 0))
    choose(all[0])
    palette.querySelector('#palette-answer').scrollTop = 0
    say(all.length === 1 ? '1 result' : all.length > 1 ? `${all.length} results` : 'Nothing found')
    if (opensFirst && isAnswered()) enter(false)
  }

  function isAnswered() {
    return palette.querySelector('[data-q]')?.dataset.q === input.value.trim()
  }

  function enter(inNewTab) {
    opensFirst = !isAnswered()
    const option = chosen()
    if (opensFirst || !option) return
    if (ACTS[option.getAttribute('href')]) return option.click()
    remember(option)
    if (inNewTab) open(option.href, '_blank', 'noopener')
    else option.click()
  }

  function move(by) {
    const all = options()
    const next = all.indexOf(chosen()) + by
    choose(all[(next + all.length) % all.length])
  }

  function choose(option) {
    chosen()?.setAttribute('aria-selected', 'false')
    input.removeAttribute('aria-activedescendant')
    if (!option) return
    option.setAttribute('aria-selected', 'true')
    option.scrollIntoView({ block: 'nearest' })
    input.setAttribute('aria-activedescendant', option.id)
  }

  /** Kept for each account on its own, in this browser alone; signing out clears it with the rest. */
  function recent() {
    try {
      const kept = JSON.parse(localStorage.getItem(keptAs()) ?? '[]')
      return kept.filter(({ href, text }) => /^\/(admin|account)\b/.test(href) && text).slice(0, MOST_RECENT)
    } catch {
      return []
    }
  }

  function remember(option) {
    const href = option.getAttribute('href')
    const text = option.querySelector('.clip').textContent
    const kind = option.querySelector('.palette-kind').textContent.replace(/^Recent · /, '')
    const others = recent().filter((one) => one.href !== href)
    try {
      localStorage.setItem(keptAs(), JSON.stringify([{ href, text, kind }, ...others].slice(0, MOST_RECENT)))
    } catch {
      // A browser that keeps nothing has no recent choices.
    }
  }

  function keptAs() {
    return `rollcall:recent:${palette.dataset.recent}`
  }

  function addRecent() {
    const list = palette.querySelector('[role="listbox"]')
    const template = document.getElementById('palette-recent')
    const lines = recent().map(({ href, text, kind }, i) => {
      const line = template.content.firstElementChild.cloneNode(true)
      line.id = `palette-recent-${i}`
      line.setAttribute('href', href)
      line.querySelector('[data-text]').textContent = text
      line.querySelector('[data-kind]').textContent = `Recent · ${kind}`
      return line
    })
    list?.prepend(...lines)
  }

  function say(text) {
    globalThis.rollcall.say(text, palette)
  }
}
