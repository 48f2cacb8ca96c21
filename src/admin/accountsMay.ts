import type { Account } from '../accounts/types.js'
import { atLeast } from '../accounts/types.js'
import type { ActiveSession } from '../http/env.js'

/** What somebody's role gives them over an account, so that pages draw nothing that would be refused. */
export interface AccountPowers {
  /** The viewer's own account. */
  own: boolean
  revoke: boolean
  block: boolean
  changeRole: boolean
  invite: boolean
  /** Require a new password. */
  renew: boolean
  /** Write and remove notes about it. */
  note: boolean
}

/** A responder can't touch an owner, nobody blocks or demotes themselves (S-32, S-35). The domain refuses it anyway. */
export function powersOver(account: Account, { account: viewer }: ActiveSession): AccountPowers {
  const own = viewer.id === account.id
  const responder = atLeast(viewer.role, 'responder')
  const owner = viewer.role === 'owner'
  const reach = responder && (account.role !== 'owner' || owner)
  return {
    own,
    revoke: reach,
    block: reach && !own,
    changeRole: owner && !own,
    renew: reach && !own && account.hasPassword,
    note: reach,
    invite: account.email !== null && (account.role === 'person' ? responder : owner) && !own,
  }
}
