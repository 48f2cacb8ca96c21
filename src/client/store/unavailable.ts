import { RollcallFailure } from '../failure.js'

export const unavailable = () =>
  new RollcallFailure(
    'no-answer',
    'Rollcall could not be asked whether this session is still good. Try again in a moment.',
  )

export const blockedNetwork = () =>
  new RollcallFailure('blocked', 'The network that this request comes from is blocked.')
