import type { Child, PropsWithChildren } from 'hono/jsx'
import { Button, ButtonLink, type ButtonLook } from './Button.js'
import { Isolated } from './Isolated.js'
import { stayInDialog } from './page.js'

export interface DialogProps {
  /** A question: "Block Priya Raman?" */
  title: Child
  /** What will happen. */
  lead?: Child
  /** Where the form posts to. */
  action: string
  /** Where Cancel leads without script. */
  cancel: string
  submit: ButtonLook & { text: Child }
  hidden?: Record<string, string>
}

/**
 * The form of a dialog, drawn as a card on the page of its own address. A link with `inDialog(href)` elsewhere shows it
 * in the <dialog>; Escape and Cancel do nothing. Its children are the fields.
 */
export function DialogForm({ title, lead, action, cancel, submit, hidden, children }: PropsWithChildren<DialogProps>) {
  const { text, ...look } = submit
  return (
    <div class="dialog-page">
      <DialogContent>
        <form {...stayInDialog(action)}>
          {Object.entries(hidden ?? {}).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <div class="dialog-body">
            <div class="dialog-head">
              <h2 id="dialog-title">{typeof title === 'string' ? <Isolated text={title} /> : title}</h2>
              {lead && <p id="dialog-lead">{lead}</p>}
            </div>
            {children}
          </div>
          <div class="dialog-foot">
            <span class="hint">
              <kbd class="kbd">Esc</kbd> closes, nothing changes
            </span>
            <ButtonLink href={cancel} size="large" data-close>
              Cancel
            </ButtonLink>
            <Button size="large" {...look}>
              {text}
            </Button>
          </div>
        </form>
      </DialogContent>
    </div>
  )
}

/** What the <dialog> takes from a page. Everything outside of it is inert while it is open, so it says itself what happens. */
export function DialogContent({ children }: PropsWithChildren) {
  return (
    <div id="dialog-content" class="dialog-content">
      <p class="dialog-problem" role="alert" data-problem=""></p>
      {children}
      <p class="visually-hidden" role="status" data-said></p>
    </div>
  )
}
