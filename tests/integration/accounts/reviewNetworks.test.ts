import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { readNetworkList } from '../../../src/accounts/blocks/networkList.js'
import { reviewNetworks } from '../../../src/accounts/blocks/reviewNetworks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { eachPostgres } from '../../support/database.js'

describe('the review of a list of networks', () => {
  eachPostgres((database) => {
    it('comes without numbers where to count what they hit takes too long', async () => {
      const [db, other] = await database.twoConnections()
      const list = readNetworkList('198.51.100.0/24\n203.0.113.0/24\n', { reason: 'attack' }, new Date())
      if ('problem' in list) throw new Error(list.problem)
      const reviewed = await other.transaction(async (tx) => {
        // Whoever counts where sessions have been waits for this.
        await tx.execute(sql`lock table session_addresses in access exclusive mode`)
        return reviewNetworks(db, list, TERMINAL)
      })
      expect(reviewed).toMatchObject([
        { network: '198.51.100.0/24', finding: 'block', sessions: null },
        { network: '203.0.113.0/24', finding: 'block', sessions: null },
      ])
      expect(await reviewNetworks(db, list, TERMINAL)).toMatchObject([{ sessions: 0 }, { sessions: 0 }])
    })
  })
})
