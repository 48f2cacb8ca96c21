import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** An error whose words are for the person (or program) that sees it. */
export class PublicError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    /** Stable; the last part of the problem's `type`. */
    readonly code: string,
    /** What happened. */
    readonly title: string,
    /** What to do. */
    readonly detail: string,
    readonly more: { errors?: { path: string; message: string }[]; retryAfterSeconds?: number } = {},
  ) {
    super(title)
  }
}

export const notFound = (what: string) =>
  new PublicError(404, 'not-found', `There is no such ${what}`, 'It may have been removed, or the address is mistyped.')

export const badInput = (errors: { path: string; message: string }[]) =>
  new PublicError(
    400,
    'bad-input',
    'Something in the request is not right',
    errors.map((error) => `${error.path}: ${error.message}`).join('; '),
    { errors },
  )

/** @param done what of the request is done all the same, and what to do then */
export const unavailable = (retryAfterSeconds = 5, done = 'Nothing was changed. Try again in a moment.') =>
  new PublicError(503, 'unavailable', 'The database does not answer', done, { retryAfterSeconds })

/** For an act of several transactions. */
export const PERHAPS_IN_PART = 'It may be done in part. Look before you try again.'
