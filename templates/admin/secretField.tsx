import { CopyButton } from '../components/Facts.js'

/** Something that is shown once, to be copied: selectable whole where there is no script. */
export function SecretField({
  id,
  label,
  text,
  what,
  hint,
}: {
  id: string
  label: string
  text: string
  what: string
  hint: string
}) {
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="secret">
        <input
          class="input mono"
          id={id}
          value={text}
          readonly
          aria-describedby={`${id}-hint`}
          autocomplete="off"
          spellcheck={false}
        />
        <CopyButton text={text} what={what} />
      </div>
      <p class="field-hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  )
}
