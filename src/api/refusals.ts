import { TERMS_PROBLEMS } from '../accounts/blocks/blockTerms.js'
import { badInput, notFound, PublicError } from '../http/errors.js'

/** Expected outcomes of domain functions that are no success. */
export type Refusal =
  | { status: 'unknown' | 'differ' | 'exists' | 'no-app' }
  | { status: 'blocked'; why: 'account' | 'network' | 'app' | 'role' }
  | { status: 'over'; reason: string }
  | { status: 'stale' | 'stored' | 'idle' }
  | { status: 'disabled' }
  | { status: 'invalid'; path: string; problem: string }
  | { status: 'not-disabled' }
  | { status: 'refused'; why: string; problem?: string }
  | { status: 'refused'; why: 'not-confirmed'; expected: string }

/** In words, with the status of HTTP. */
export function refusal(refused: Refusal): PublicError {
  switch (refused.status) {
    case 'unknown':
      return notFound('account')
    case 'no-app':
      return notFound('app')
    case 'differ':
      return new PublicError(
        409,
        'accounts-differ',
        'This names two different accounts',
        'The id, the external id and the e-mail address belong to different accounts. Send only the one that is meant. Nothing was changed.',
      )
    case 'exists':
      return new PublicError(
        409,
        'taken',
        'There is one already',
        'Another one has this name, address or host. Nothing was changed.',
      )
    case 'blocked':
      return BLOCKED[refused.why]
    case 'over':
      return refused.reason === 'network-blocked' ? BLOCKED.network : ended(refused.reason)
    case 'stale':
      return staleSave
    case 'not-disabled':
      return notDisabled
    case 'disabled':
      return webhookDisabled
    case 'stored':
      return alreadyStored
    case 'idle':
      return idleTooLong
    case 'invalid':
      return badInput([{ path: refused.path, message: refused.problem }])
    case 'refused':
      if ('expected' in refused) return notConfirmed(refused.expected)
      return refused.problem === undefined
        ? (WHY[refused.why] ?? notAllowed)
        : badInput([{ path: 'network', message: refused.problem }])
  }
}

const BLOCKED = {
  account: new PublicError(
    403,
    'blocked',
    'The account is blocked',
    'No session was started. It can sign in again when the block ends or is lifted.',
  ),
  network: new PublicError(
    403,
    'blocked',
    'The network is blocked',
    'No session was started. It can sign in from another network, or when the block ends or is lifted.',
  ),
  app: new PublicError(
    403,
    'app-disabled',
    'The app is disabled',
    'No session was started. An owner, or a key with the scope admin, enables it again.',
  ),
  role: new PublicError(
    403,
    'blocked',
    'The role of this account is too low for the app',
    'No session was started. An owner gives the account a role, or lets everyone in to the app.',
  ),
}

const ended = (reason: string) =>
  new PublicError(
    410,
    'session-ended',
    'This session is over',
    `The reason is: ${reason}. A later save or touch does not bring it back. Nothing was changed.`,
  )

const staleSave = new PublicError(
  409,
  'stale-save',
  'Somebody has signed in since this was loaded',
  'It names nobody as signed in and would sign them out again. Nothing was changed.',
)

const notDisabled = new PublicError(
  409,
  'app-in-use',
  'The app is not disabled',
  'Only an app that is disabled, and so has no session left, can be deleted. Nothing was changed.',
)

const webhookDisabled = new PublicError(
  409,
  'webhook-disabled',
  'This webhook is disabled',
  'Enable it first. Nothing was sent.',
)

const alreadyStored = new PublicError(
  409,
  'already-stored',
  'There is something under this session id',
  'What is moved from another store never overwrites what the app has stored since. Nothing was changed.',
)

const idleTooLong = new PublicError(
  410,
  'idle-too-long',
  'This session would be over at once',
  'It lay unused in the other store for longer than the app allows. Nothing was changed.',
)

const notConfirmed = (expected: string) =>
  new PublicError(
    422,
    'not-confirmed',
    'This was not confirmed',
    `To end all these sessions, send confirm: ${JSON.stringify(expected)}. Nothing was changed.`,
  )

const notAllowed = new PublicError(
  403,
  'not-allowed',
  'This key may not do that to them',
  'An app’s key reaches people; accounts with a role in the panel, and the name and address of whoever signs in to Rollcall with a password, belong to keys with the scope admin. Nothing was changed.',
)

const WHY: Record<string, PublicError> = {
  'last-owner': new PublicError(
    409,
    'last-owner',
    'This is the last owner who can sign in',
    'Nobody could lift that again. Make another owner first. Nothing was changed.',
  ),
  'no-password': new PublicError(
    409,
    'no-password',
    'This account has no password in Rollcall',
    'An app says who they are: end their sessions or block the account, and change the password there. Nothing was changed.',
  ),
  'too-many-notes': new PublicError(
    409,
    'too-many-notes',
    'There are as many notes about this account as there may be',
    'Remove one that has served its purpose. Nothing was changed.',
  ),
  'owner-inside': new PublicError(
    403,
    'not-allowed',
    'An owner is signed in from this network',
    'Only a key with the scope admin may block it. Nothing was changed.',
  ),
  'own-address': new PublicError(
    409,
    'own-address',
    'This network holds the address that you come from',
    'It would shut you out too. Do it in the panel, which takes it back unless you confirm it from there, or from another network. Nothing was changed.',
  ),
  'built-in-app': new PublicError(
    422,
    'built-in-app',
    'This app is Rollcall itself',
    'It can’t be disabled, and always asks: the panel is where everything else is put right. Nothing was changed.',
  ),
  'no-app': notFound('app'),
  'no-reason': badInput([{ path: 'reason', message: TERMS_PROBLEMS['no-reason'] }]),
  'until-past': badInput([{ path: 'until', message: TERMS_PROBLEMS['until-past'] }]),
  'until-far': badInput([{ path: 'until', message: TERMS_PROBLEMS['until-far'] }]),
  'no-name': badInput([{ path: 'name', message: 'must not be empty' }]),
  'no-scopes': badInput([{ path: 'scopes', message: 'must name at least one' }]),
  'until-late': badInput([{ path: 'oldUntil', message: 'must be within 90 days' }]),
  'not-usable': new PublicError(
    409,
    'key-over',
    'This key is revoked or has expired',
    'There is nothing to change or to take the place of: make a new key. Nothing was changed.',
  ),
  'expiry-past': badInput([{ path: 'expiresAt', message: 'must lie ahead' }]),
}
