import { Button, PostButton } from './Button.js'
import { usePage } from './page.js'

/** Of those that choose rows it is said where there are rows to choose. */
type Key = readonly [names: readonly string[], what: string, of?: 'rows']

const SINGLE: readonly Key[] = [
  [['/'], 'Search the list'],
  [['j', 'k'], 'Next and previous line'],
  [['x'], 'Select the row', 'rows'],
  [['Shift', 'x'], 'Select the rows up to this one', 'rows'],
  [['?'], 'This list'],
]

const ALWAYS: readonly Key[] = [
  [['Ctrl', 'K'], 'Find people, sessions, networks, pages, actions'],
  [['Enter'], 'Open the line'],
  [['Esc'], 'Close what is open'],
  [['Shift', 'click'], 'Select the rows between two boxes', 'rows'],
]

/** Which keys there are, and whether those that are a single character do anything (WCAG 2.1.4). */
export function KeysDialog() {
  const { look, path } = usePage()
  return (
    <dialog class="dialog" id="keys" aria-labelledby="keys-title">
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id="keys-title">Keys</h2>
          <Button type="button" variant="ghost" icon="x" label="Close" data-close />
        </div>
        <KeyList keys={ALWAYS} />
        <div class="keys-single">
          <h3>Single keys are {look.singleKeys ? 'on' : 'off'}</h3>
          <PostButton
            action="/look"
            size="small"
            hidden={{ single_keys: look.singleKeys ? 'off' : 'on', return_to: path }}
          >
            Turn single keys {look.singleKeys ? 'off' : 'on'}
          </PostButton>
        </div>
        <KeyList keys={SINGLE} off={!look.singleKeys} />
      </div>
    </dialog>
  )
}

function KeyList({ keys, off }: { keys: readonly Key[]; off?: boolean }) {
  return (
    <dl class="keys" data-off={off ? '' : undefined}>
      {keys.map(([names, what, of]) => (
        <>
          <dt data-of={of}>
            {names.map((name) => (
              <kbd class="kbd">{name}</kbd>
            ))}
          </dt>
          <dd data-of={of}>{what}</dd>
        </>
      ))}
    </dl>
  )
}
