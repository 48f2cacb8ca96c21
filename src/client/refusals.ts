import { type FailureCode, RollcallFailure } from './failure.js'

const said = (code: FailureCode, status: number, words: string) =>
  Object.assign(new RollcallFailure(code, words), { status })

export const unavailable = () =>
  said('no-answer', 503, 'Rollcall could not be asked whether this session is still good. Try again in a moment.')

export const blockedNetwork = () => said('blocked', 403, 'The network that this request comes from is blocked.')

export const blocked = () =>
  said('blocked', 403, 'The person, their network or this app is blocked: nobody was signed in.')

export const sessionEnded = () =>
  said(
    'session-ended',
    401,
    'The session was over before it was saved: signed out, revoked or timed out. Nothing was saved.',
  )

export const staleSave = () =>
  said('stale-save', 409, 'Somebody has signed in since what was to be saved had been loaded. Nothing was saved.')

export const accountsDiffer = () =>
  said('request-refused', 409, 'The id and the e-mail address of the account belong to two people. Nothing was saved.')

export const refused = (words: string) => said('request-refused', 500, `Rollcall refused a request: ${words}`)
