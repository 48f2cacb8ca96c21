import { Icon } from '../components/Icon.js'

const STEPS = ['Name it', 'Copy key and lines', 'First session']

/** All three are behind one. */
export const IN_USE = STEPS.length + 1

/** Where one is. */
export function AppSteps({ at }: { at: number }) {
  return (
    <ol class="app-steps" id="app-steps" aria-label="Three steps">
      {STEPS.map((step, n) => (
        <li data-done={n + 1 < at ? '' : undefined} aria-current={n + 1 === at ? 'step' : undefined}>
          <span aria-hidden="true">{n + 1 < at ? <Icon name="check" size={13} /> : n + 1}</span>
          {step}
          {n + 1 < at && <span class="visually-hidden">, done</span>}
        </li>
      ))}
    </ol>
  )
}
