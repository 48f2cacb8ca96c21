import type { Child, PropsWithChildren } from 'hono/jsx'
import { Icon } from './Icon.js'

export interface FieldProps {
  /** Name of the form field, and its id unless `id` is given. */
  name: string
  label: string
  id?: string
  hint?: Child
  /** What is wrong and what to do, beside the field. */
  error?: string | undefined
  optional?: boolean
  value?: string | undefined
  /** At the end of the label's line: a link. */
  aside?: Child
  /** Taller, for pages that are nothing but a form. */
  large?: boolean
}
type More = Record<string, unknown>

/** Label, input, hint, error. Further props go to the input: `type`, `required`, `autocomplete`, `placeholder`. */
export function Field({
  name,
  label,
  id = name,
  hint,
  error,
  optional,
  value,
  aside,
  large,
  ...input
}: FieldProps & More) {
  return (
    <FieldFrame {...{ label, id, hint, error, optional, aside, large }}>
      <input class="input" type="text" id={id} name={name} value={value} {...wired(id, hint, error)} {...input} />
    </FieldFrame>
  )
}

export function TextArea({
  name,
  label,
  id = name,
  hint,
  error,
  optional,
  value,
  aside,
  large,
  ...input
}: FieldProps & More) {
  return (
    <FieldFrame {...{ label, id, hint, error, optional, aside, large }}>
      <textarea class="textarea" dir="auto" id={id} name={name} rows={2} {...wired(id, hint, error)} {...input}>
        {value ?? ''}
      </textarea>
    </FieldFrame>
  )
}

/** A password that can be looked at. `autocomplete` is "current-password" or "new-password". */
export function PasswordField({
  name,
  label,
  id = name,
  hint,
  error,
  aside,
  large,
  autocomplete,
  ...input
}: FieldProps & More & { autocomplete: string }) {
  return (
    <FieldFrame {...{ label, id, hint, error, aside, large }}>
      <div class="password">
        <input
          class="input"
          type="password"
          id={id}
          name={name}
          required
          autocomplete={autocomplete}
          {...wired(id, hint, error)}
          {...input}
        />
        <button
          type="button"
          class="btn js-only"
          data-variant="ghost"
          data-icon-only
          data-reveal={id}
          aria-pressed="false"
          title="Show the password"
        >
          <Icon name="eye" />
          <span class="visually-hidden">Show the password</span>
        </button>
      </div>
    </FieldFrame>
  )
}

export function Select({
  name,
  label,
  id = name,
  hint,
  error,
  value,
  options,
  optional,
  aside,
  large,
  ...select
}: FieldProps & More & { options: { value: string; label: string; disabled?: boolean }[] }) {
  return (
    <FieldFrame {...{ label, id, hint, error, optional, aside, large }}>
      <select class="select" id={id} name={name} {...wired(id, hint, error)} {...select}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  )
}

export function Checkbox({
  name,
  label,
  value = 'on',
  checked,
  hint,
  ...input
}: { name: string; label: Child; value?: string; checked?: boolean; hint?: Child } & More) {
  return (
    <label class="check">
      <input class="input" type="checkbox" name={name} value={value} checked={checked} {...input} />
      <span>
        {label}
        {hint && <span class="field-hint"> {hint}</span>}
      </span>
    </label>
  )
}

interface ChoiceProps {
  name: string
  legend: string
  value?: string | undefined
  options: { value: string; label: string }[]
  error?: string | undefined
  required?: boolean
}

/** Radio buttons as pills: quick picks. */
export function Picks({ name, legend, value, options, error, required }: ChoiceProps) {
  return (
    <fieldset class="field">
      <legend>
        {legend} {required && <span class="muted">required</span>}
      </legend>
      <div class="picks">
        {options.map((option) => (
          <label class="pick">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              required={required}
              {...choice(name, error)}
            />
            <Icon name="check" />
            {option.label}
          </label>
        ))}
      </div>
      {error && (
        <FieldError id={`${name}-error`} described>
          {error}
        </FieldError>
      )}
    </fieldset>
  )
}

/** Radio buttons as one divided bar. */
export function Segmented({ name, legend, value, options, error }: ChoiceProps) {
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      <div class="segmented">
        {options.map((option) => (
          <label class="segment">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              {...choice(name, error)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {error && (
        <FieldError id={`${name}-error`} described>
          {error}
        </FieldError>
      )}
    </fieldset>
  )
}

/** Said outright: a choice that is required and not made yet would be read out as an invalid one before anybody chose. */
const choice = (name: string, error: string | undefined): More => ({
  'aria-invalid': error ? 'true' : 'false',
  'aria-describedby': error ? `${name}-error` : undefined,
})

/** @param described a field of its own refers to it, and has the focus where it is the first: it would be read out twice. */
export function FieldError({ id, described, children }: PropsWithChildren<{ id?: string; described?: boolean }>) {
  return (
    <p class="field-error" id={id} role={described ? undefined : 'alert'}>
      <Icon name="circle-alert" />
      {children}
    </p>
  )
}

type FrameProps = Pick<FieldProps, 'label' | 'hint' | 'error' | 'optional' | 'aside' | 'large'> & { id: string }

function FieldFrame({
  label,
  id,
  hint,
  error,
  optional,
  aside,
  large,
  children,
}: PropsWithChildren<Undefinable<FrameProps>>) {
  return (
    <div class="field" data-size={large ? 'form' : undefined}>
      <div class="field-label-row">
        <label class="field-label" for={id}>
          {label} {optional && <span class="muted">optional</span>}
        </label>
        {aside}
      </div>
      {children}
      {error && (
        <FieldError id={`${id}-error`} described>
          {error}
        </FieldError>
      )}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

type Undefinable<T> = { [K in keyof T]: T[K] | undefined }

function wired(id: string | undefined, hint: Child, error: string | undefined): More {
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  return { 'aria-describedby': described || undefined, 'aria-invalid': error ? 'true' : undefined }
}
