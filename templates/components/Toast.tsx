import { Button, ButtonLink } from './Button.js'
import { IconTile, type Tone } from './Icon.js'
import { Isolated } from './Isolated.js'
import { inDialog } from './page.js'
import { type ReceiptProps, ToastReceipt } from './Receipt.js'

export interface ToastProps {
  tone: Extract<Tone, 'green' | 'amber' | 'red'>
  title: string
  text?: string | undefined
  /** Where to read more: an audit entry. */
  link?: { href: string; text: string } | undefined
  /** What takes it back, as far as anything does; `gives` says how far. Each leads to a question first. */
  undo?: { gives: string; links: { href: string; text: string }[] } | undefined
  /** Who refuses by now what the act ended: it has the say over what is green. */
  receipt?: ReceiptProps | undefined
}

export function Toast({ tone, title, text, link, undo, receipt }: ToastProps) {
  return (
    <div class="toast" data-tone={tone}>
      {!(receipt && tone === 'green') && <IconTile name={tone === 'green' ? 'check' : 'circle-alert'} tone={tone} />}
      <div class="toast-text">
        <p class="toast-title">
          <Isolated text={title} />
        </p>
        {text && (
          <p class="muted">
            <Isolated text={text} />
          </p>
        )}
        {link && (
          <a class="link" href={link.href}>
            {link.text}
          </a>
        )}
      </div>
      {receipt && <ToastReceipt {...receipt} />}
      {undo && (
        <div class="toast-undo">
          {undo.links.map(({ href, text }) => (
            <ButtonLink size="small" icon="lock-open" {...inDialog(href)}>
              <span class="clip">
                <Isolated text={text} />
              </span>
            </ButtonLink>
          ))}
          <p class="muted">
            <Isolated text={undo.gives} />
          </p>
        </div>
      )}
      <Button type="button" variant="ghost" size="small" icon="x" label="Close" data-dismiss />
    </div>
  )
}

/** In an answer to htmx: adds a toast beside what the answer is about. */
export function ToastPartial(toast: ToastProps) {
  return (
    <hx-partial hx-target={toast.tone === 'red' ? '#problems' : '#toasts'} hx-swap="beforeend">
      <Toast {...toast} />
    </hx-partial>
  )
}

/** What went wrong is said at once, all else when there is a pause; each toast by itself, not with those still there. */
export function ToastRegion({ toast }: { toast: ToastProps | undefined }) {
  const isProblem = toast?.tone === 'red'
  return (
    <>
      <div class="toasts">
        <div id="toasts" role="status" aria-atomic="false">
          {toast && !isProblem && <Toast {...toast} />}
        </div>
        <div id="problems" role="alert" aria-atomic="false">
          {toast && isProblem && <Toast {...toast} />}
        </div>
      </div>
      <template id="toast-error">
        <div class="toast">
          <IconTile name="circle-alert" tone="red" />
          <div class="toast-text">
            <p class="toast-title" data-text></p>
          </div>
          <Button type="button" variant="ghost" size="small" icon="x" label="Close" data-dismiss />
        </div>
      </template>
      <template id="toast-kept">
        <Toast tone="amber" title="What you typed is kept" text="It is there again when you open the same form." />
      </template>
      <p class="visually-hidden" id="spoken" role="status"></p>
    </>
  )
}
