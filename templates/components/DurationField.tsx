import type { Unit } from '../../src/admin/settingsForm.js'
import { FieldError } from './Field.js'

interface DurationFieldProps {
  /** Of the number; that of the unit is the same with `Unit` behind it. */
  name: string
  label: string
  value: string | undefined
  unit: Unit | undefined
  hint: string
  error?: string | undefined
  /** The hint says a risk. */
  warn?: boolean
  required?: boolean
  /** Shown, and not sent. */
  fixed?: boolean
}

/** A number and its unit. */
export function DurationField({ name, label, value, unit, hint, error, warn, required, fixed }: DurationFieldProps) {
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="time-field">
        <input
          class="input"
          id={name}
          name={fixed ? undefined : name}
          value={value}
          inputmode="numeric"
          maxlength={7}
          required={required}
          disabled={fixed}
          aria-label={label}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={error ? `${name}-error ${name}-hint` : `${name}-hint`}
        />
        <select class="select" name={fixed ? undefined : `${name}Unit`} aria-label={`${label}: unit`} disabled={fixed}>
          {(['minutes', 'hours', 'days'] as const).map((one) => (
            <option value={one} selected={one === unit}>
              {one}
            </option>
          ))}
        </select>
      </div>
      {error && (
        <FieldError id={`${name}-error`} described>
          {error}
        </FieldError>
      )}
      <p class={warn ? 'field-hint warn-text' : 'field-hint'} id={`${name}-hint`}>
        {hint}
      </p>
    </fieldset>
  )
}
