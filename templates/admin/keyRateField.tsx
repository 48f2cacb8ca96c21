import { Field } from '../components/Field.js'
import { numberText } from '../words.js'

interface KeyRateProps {
  value: string | undefined
  error: string | undefined
  /** `ROLLCALL_KEY_RATE` */
  usual: number
}

/** How often a key may ask. */
export const KeyRateField = ({ value, error, usual }: KeyRateProps) => (
  <Field
    name="rate"
    label="Requests a minute"
    optional
    inputmode="numeric"
    maxlength={7}
    autocomplete="off"
    value={value}
    error={error}
    hint={`Empty: ${usual === 0 ? 'any number' : numberText(usual)}, as the server says. 0: any number. Checks, touches and what the app stores don’t count.`}
  />
)

/** "At most 600 requests a minute"; nothing where the server says how many. */
export const rateText = (requestsPerMinute: number | null): string | undefined => {
  if (requestsPerMinute === null) return undefined
  return requestsPerMinute === 0
    ? 'Any number of requests'
    : `At most ${numberText(requestsPerMinute)} ${requestsPerMinute === 1 ? 'request' : 'requests'} a minute`
}
