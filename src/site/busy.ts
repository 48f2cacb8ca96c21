import { BUSY_RETRY_MS, PasswordsBusy } from '../accounts/passwords/passwords.js'
import { PublicError } from '../http/errors.js'

/** For forms that set a password: a queue that is full becomes "try again", with nothing used up. */
export async function unlessBusy<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof PasswordsBusy)) throw error
    throw new PublicError(
      503,
      'busy',
      'Too many people are signing in at this moment',
      'Nothing was changed and your link is still good. Go back and try again in a moment.',
      { retryAfterSeconds: Math.ceil(BUSY_RETRY_MS / 1000) },
    )
  }
}
