import { CopyButton } from './Facts.js'

/** Lines to copy; selectable where there is no script. */
export function Snippet({ text, what }: { text: string; what: string }) {
  return (
    <div class="snippet">
      <pre class="mono" tabindex={0}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}
