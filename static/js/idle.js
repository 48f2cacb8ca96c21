// Two minutes before the own session ends the person is asked whether they are still there (WCAG 2.2.1).
const idle = document.getElementById('idle')
const WARN_MS = 120_000
const FIRST_LOOK_MS = 10_000
const LOOK_AGAIN_MS = 15_000
/** What a browser's timers can hold, and a while after which policies may be others. */
const LONGEST_WAIT_MS = 3_600_000

if (idle) {
  let timer
  /** The end that the person has been told of and can't put off: not told again. */
  let told = false

  wait(FIRST_LOOK_MS)
  document.addEventListener('visibilitychange', () => document.hidden || look())
  idle.querySelector('[data-stay]').addEventListener('click', stay)
  idle.addEventListener('cancel', (event) => {
    event.preventDefault()
    void stay()
  })

  function wait(ms) {
    clearTimeout(timer)
    timer = setTimeout(look, Math.min(Math.max(ms, 1000), LONGEST_WAIT_MS))
  }

  async function look() {
    const left = await ask({ 'Rollcall-Background': '1' })
    if (!left) return wait(LOOK_AGAIN_MS)
    const warnMs = Math.min(WARN_MS, left.policyMs / 2)
    if (left.endsInMs > warnMs) {
      told = false
      idle.close()
      return wait(left.endsInMs - warnMs)
    }
    show(left)
    wait(Math.min(LOOK_AGAIN_MS, left.endsInMs + 500))
  }

  function show({ endsInMs, why }) {
    idle.dataset.why = why
    const seconds = Math.max(1, Math.round(endsInMs / 1000))
    const text = seconds > 90 ? `${Math.round(seconds / 60)} minutes` : `${seconds} seconds`
    for (const place of idle.querySelectorAll('[data-left]')) place.textContent = text
    if (!idle.open && !told) idle.showModal()
  }

  async function stay() {
    told = idle.dataset.why === 'limit'
    idle.close()
    if (told) return
    const left = await ask({})
    wait(left ? left.endsInMs - Math.min(WARN_MS, left.policyMs / 2) : LOOK_AGAIN_MS)
  }

  /** Undefined when nobody could tell; where the session is over, the page leads to the sign-in by itself. */
  async function ask(headers) {
    try {
      const answer = await fetch('/account/time-left', { headers, redirect: 'manual' })
      if (answer.type === 'opaqueredirect')
        document.body.dispatchEvent(new CustomEvent('rollcall:answered', { detail: { status: 401 } }))
      return answer.ok ? await answer.json() : undefined
    } catch {
      return undefined
    }
  }
}
