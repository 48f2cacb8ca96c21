import type { Finding } from './types.js'

/** A counter of failed sign-ins that makes one wait: of an account, of an account from one place, of a place. */
export interface Wait {
  counter: string
  /** From the last try to the next one, in seconds. It doubles with each failure. */
  seconds: number
}

/** Who forgot a password waits for seconds; six doublings later it is no person any more, or not the right one. */
const NO_TYPING_ERROR_S = 60

/** Whether that many wrong passwords are guesses: at one account, or from one place at many accounts. */
export function seeGuessing({ counter, seconds }: Wait): Finding | undefined {
  if (counter === 'address' || counter === 'network' || counter === 'global') {
    return { rule: 'spraying', severity: 'high', evidence: SPRAYED[counter] }
  }
  if (seconds < NO_TYPING_ERROR_S) return undefined
  const evidence = `So many wrong passwords that the next try has to wait ${Math.round(seconds)} s.`
  return { rule: 'guessing', severity: 'medium', evidence }
}

const SPRAYED = {
  address: 'More wrong passwords from one address than an office behind it would type.',
  network: 'More wrong passwords from one network than its visitors would type.',
  global: 'More wrong passwords from everywhere than all visitors together would type.',
}
