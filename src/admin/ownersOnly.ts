import { PublicError } from '../http/errors.js'

export const ownersOnly = () =>
  new PublicError(
    403,
    'forbidden',
    'Your role does not allow this',
    'Only owners change settings. Nothing was changed.',
  )
