import { numberText } from '../words.js'
import { Field } from './Field.js'

interface TypedProps {
  value?: string | undefined
  error?: string | undefined
}

/** What is about to end is typed once more: how many. Whatever is `data-typed` no browser keeps for later. */
export function TypedNumber({ number, ...typed }: TypedProps & { number: number }) {
  return (
    <Field
      name="typed"
      label={`Type ${numberText(number)} to confirm`}
      required
      inputmode="numeric"
      autocomplete="off"
      maxlength={20}
      data-typed
      {...typed}
    />
  )
}

/** And of one thing alone: its name. */
export function TypedName({ name, ...typed }: TypedProps & { name: string }) {
  return (
    <Field
      name="confirm"
      label={`Type ${name} to confirm`}
      required
      maxlength={200}
      autocomplete="off"
      spellcheck={false}
      data-typed
      {...typed}
    />
  )
}
