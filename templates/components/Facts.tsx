import type { Child } from 'hono/jsx'
import { Icon } from './Icon.js'

/** Names and values; two pairs a line with `columns`. */
export function Facts({ facts, columns }: { facts: [name: string, value: Child][]; columns?: 2 }) {
  return (
    <dl class="facts" data-columns={columns}>
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  )
}

/** Puts a text on the clipboard. Needs script, so it is not there without. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button
      type="button"
      class="btn js-only"
      data-variant="ghost"
      data-size="small"
      data-icon-only
      data-copy={text}
      title={`Copy the ${what}`}
    >
      <Icon name="copy" />
      <Icon name="check" />
      <span class="visually-hidden">Copy the {what}</span>
    </button>
  )
}

/** A raw value in mono with its copy button. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <span class="copy-line">
      <span class="mono clip" title={text}>
        {text}
      </span>
      <CopyButton text={text} what={what} />
    </span>
  )
}
