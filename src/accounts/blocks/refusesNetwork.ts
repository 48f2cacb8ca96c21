import { recordAudit } from '../../audit/record.js'
import type { Stranger } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { Client } from '../../devices/types.js'
import { comesFromBlockedNetwork } from '../../sessions/start.js'
import type { Account } from '../types.js'

/** Whether a block of the network keeps an account from going on; if so, that is written down. Before any other lock. */
export async function refusesNetwork(
  tx: Database,
  { id, name }: Pick<Account, 'id' | 'name'>,
  { ip, place }: Client,
  by: Stranger,
): Promise<boolean> {
  if (!(await comesFromBlockedNetwork(tx, ip, id))) return false
  await recordAudit(tx, by, 'sign-in.refused', {
    result: 'refused',
    target: { kind: 'account', id, name },
    accountId: id,
    place,
    details: { why: 'network-blocked' },
  })
  return true
}
