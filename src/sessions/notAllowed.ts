/** The actor's role does not reach this target. The message is for them. */
export class NotAllowed extends Error {
  readonly code = 'not_allowed'
}
